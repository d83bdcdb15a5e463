"""A BERT of a few Hangul pieces, saved by sentence-transformers as published models are."""

from __future__ import annotations

import json
from pathlib import Path

LETTERS = "한남자가음식을먹는다빵조각여그아이돌본말탄바올린연주파스타생일축하해잘퇴근미안늦었어고마워."
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def save_tiny_model(
    folder: Path, *, pooling: str = "mean", normalise: bool = False, longest: int = 32, seed: int = 0
) -> Path:
    """Write a sentence-transformers folder with random weights. Needs torch."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    base = folder / "bert"
    base.mkdir(parents=True)
    letters = list(dict.fromkeys(LETTERS))
    pieces = [*SPECIAL, *letters, *(f"##{letter}" for letter in letters)]
    (base / "vocab.txt").write_text("\n".join(pieces), encoding="utf-8")
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=0.5,  # random vectors that differ by their words
    )
    BertModel(config).save_pretrained(base)
    BertTokenizerFast(vocab=str(base / "vocab.txt"), do_lower_case=False).save_pretrained(base)
    modules = [Transformer(str(base), max_seq_length=longest), Pooling(32, pooling_mode=pooling)]
    if normalise:
        modules.append(Normalize())
    SentenceTransformer(modules=modules, device="cpu").save(str(folder / "model"))
    return folder / "model"


def older_layout(model: Path) -> None:
    """Rewrite a saved folder as ko-sbert's is: module names and keys of sentence-transformers 2."""
    modules = json.loads((model / "modules.json").read_text(encoding="utf-8"))
    for module in modules:
        module["type"] = "sentence_transformers.models." + module["type"].rsplit(".", 1)[1]
    (model / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    pooling = model / "1_Pooling/config.json"
    saved = json.loads(pooling.read_text(encoding="utf-8"))
    modes = {f"pooling_mode_{key}": False for key in ("cls_token", "mean_tokens", "max_tokens")}
    modes["pooling_mode_" + {"mean": "mean_tokens", "cls": "cls_token"}[saved["pooling_mode"]]] = True
    size = {"word_embedding_dimension": saved["embedding_dimension"]}
    pooling.write_text(json.dumps(size | modes), encoding="utf-8")
    (model / "sentence_bert_config.json").write_text(
        json.dumps({"max_seq_length": 24, "do_lower_case": False}), encoding="utf-8"
    )
