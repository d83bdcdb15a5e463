"""The same network behind LitServe, in a process of its own: ``python -m ...litserve_server --port 1234``.

Run by an interpreter that has LitServe beside our requirements; nothing else imports this file.
"""

from __future__ import annotations

import argparse
import base64
from typing import Any

import litserve
import numpy as np
import torch

from ml_core.benchmark.serving.subjects import SIDE, WINDOW_S, motion_batches


class MotionApi(litserve.LitAPI):  # type: ignore[misc] # LitServe is untyped here
    threads = 1

    def setup(self, device: str) -> None:
        torch.set_num_threads(self.threads)
        self.batches = motion_batches(device)

    def decode_request(self, request: dict[str, str]) -> Any:
        return np.frombuffer(base64.b64decode(request["picture"]), np.uint8).reshape(-1, SIDE, SIDE)

    def batch(self, inputs: list[Any]) -> list[Any]:
        return inputs

    def predict(self, pictures: Any) -> list[Any]:
        return self.batches(pictures)

    def unbatch(self, output: list[Any]) -> list[Any]:
        return output

    def encode_response(self, output: Any) -> dict[str, list[float]]:
        return {"motion": output.tolist()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--limit", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    options = parser.parse_args()
    MotionApi.threads = options.threads
    api = MotionApi(max_batch_size=options.limit, batch_timeout=WINDOW_S)
    server = litserve.LitServer(api, accelerator="cpu", timeout=600)
    server.run(host="127.0.0.1", port=options.port, generate_client_file=False, log_level="warning")


if __name__ == "__main__":
    main()
