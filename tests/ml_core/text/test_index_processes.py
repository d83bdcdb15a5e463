"""A rebuilt index reaches a process that is running already."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from ml_core.text.encoder import NumpyEncoder
from ml_core.text.search import SearchIndex
from tests.ml_core.text.corpus_small import TEMPLATES

READER = """
import sys
from ml_core.text.index_handle import IndexHandle
handle = IndexHandle(sys.argv[1])
for sentence in sys.stdin:
    index = handle.index()
    print(index.version, index.search(sentence.strip()).hits[0].template_id, flush=True)
"""
PATIENCE_S = 60.0


def test_another_process_picks_up_a_rebuilt_index_without_a_restart(tmp_path: Path) -> None:
    encoder = NumpyEncoder.load()
    removed = "칼퇴함 ㅋㅋ"
    older = SearchIndex.build(TEMPLATES, encoder)
    newer = SearchIndex.build([t for t in TEMPLATES if t.id != "offwork"], encoder)
    older.save(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", READER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=Path(__file__).parents[3],
    ) as reader:
        assert reader.stdin
        assert reader.stdout

        def asked() -> tuple[str, str]:
            reader.stdin.write(f"{removed}\n")
            reader.stdin.flush()
            version, found = reader.stdout.readline().split()
            return version, found

        assert asked() == (older.version, "offwork")
        newer.save(tmp_path)
        answers = [asked()]
        deadline = time.monotonic() + PATIENCE_S
        while answers[-1][0] == older.version and time.monotonic() < deadline:
            time.sleep(0.1)
            answers.append(asked())
        assert reader.poll() is None
        reader.stdin.close()
    assert answers[-1][0] == newer.version
    assert answers[-1][1] != "offwork"
    assert all(found == "offwork" for version, found in answers if version == older.version)
