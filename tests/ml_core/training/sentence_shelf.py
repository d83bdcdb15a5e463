"""A folder with every public file the training reads, a few rows each, in the published formats.

The sentences are written for the tests; nothing of the real sets is copied.
"""

from __future__ import annotations

import json
import lzma
from pathlib import Path

HELD_SIMILAR = "시험에만 나오는 문장입니다"
HELD_COMMENT = "시험용 댓글은 배우지 않는다"

_SUBJECTS = ("아이가", "어머니가", "친구가", "강아지가", "선생님이", "동생이")
_ACTIONS = (
    "공원에서 뛰고 있다",
    "방에서 노래를 부른다",
    "시장에서 사과를 산다",
    "바다에서 수영을 한다",
    "집에서 밥을 먹는다",
)
SENTENCES = tuple(f"{subject} {action}" for subject in _SUBJECTS for action in _ACTIONS)

# fmt: off
GOEMOTIONS = (
    "admiration", "amusement", "anger", "annoyance", "approval", "caring", "confusion", "curiosity",
    "desire", "disappointment", "disapproval", "disgust", "embarrassment", "excitement", "fear",
    "gratitude", "grief", "joy", "love", "nervousness", "optimism", "pride", "realization", "relief",
    "remorse", "sadness", "surprise", "neutral",
)
# fmt: on


def write_shelf(folder: Path) -> Path:
    """Write all files; returns the folder."""
    header = "genre\tfilename\tyear\tid\tscore\tsentence1\tsentence2"
    pairs = [
        f"g\tf\t2012\t{number}\t{number % 6}.0\t{first}\t{SENTENCES[(number * 7) % len(SENTENCES)]}"
        for number, first in enumerate(SENTENCES)
    ]
    leak = f"g\tf\t2012\t99\t5.0\t{HELD_SIMILAR}\t{SENTENCES[0]}"
    held = f"g\tf\t2012\t1\t2.0\t{HELD_SIMILAR}!\t시험 문장 둘"
    files = {
        "korsts_train.tsv": "\n".join([header, *pairs, leak]),
        "korsts_dev.tsv": "\n".join([header, *pairs[:12]]),
        "korsts_test.tsv": "\n".join([header, held, *_other_pairs()]),
        "klue_sts_dev.json": json.dumps(
            [{"sentence1": a, "sentence2": a, "labels": {"real-label": 5.0}} for a in SENTENCES[:5]]
        ),
        "klue_nli_dev.json": json.dumps(
            [
                {"premise": SENTENCES[n], "hypothesis": SENTENCES[n + 1], "gold_label": label}
                for n, label in enumerate(("entailment", "neutral", "contradiction"))
            ]
        ),
        "parakqc.txt": "\n".join(f"0\t0\t{text}" for text in SENTENCES[:20]),
        "stylekqc_train.tsv": "\n".join(["topic\tsentence", *(f"0\t{text}" for text in SENTENCES[10:30])]),
        "qpair_train.csv": "id,qid1,qid2,question1,question2,is_duplicate\n"
        + "\n".join(f"{n},1,2,{a} 왜,{a} 뭐,{n % 2}" for n, a in enumerate(SENTENCES)),
        "chatbot.csv": "Q,A,label\n"
        + "\n".join(f"{a} 좋아,{SENTENCES[n // 2]} 그래요,0" for n, a in enumerate(SENTENCES)),
        "goemo_train.tsv": "\n".join(f"{a}\t{n % 28}" for n, a in enumerate(SENTENCES)),
        "goemo_label.txt": "\n".join(GOEMOTIONS),
        "kote_val.tsv": "\n".join(f"{n}\t{a}\t{n},{n + 3}" for n, a in enumerate(SENTENCES)),
        "kote_test.tsv": "\n".join(f"{n}\t{a} 네\t{n}" for n, a in enumerate(SENTENCES)),
        "3i4k.txt": "\n".join(f"{n % 7}\t{a}" for n, a in enumerate(SENTENCES)),
        "kodoli.csv": "index,sentences,abuse,sentiment,offensiveness\n"
        + "\n".join(f"{n},{a},NON,{('NEG', 'NEU', 'POS')[n % 3]},NOT" for n, a in enumerate(SENTENCES)),
        "kocasm_train.csv": ",tokens,label\n0,@user 오늘 날씨 좋다,1",
        "beep_unlab5.txt": "\n".join(SENTENCES),
        "beep_dev.tsv": f"comments\tcontain_gender_bias\tbias\thate\n{HELD_COMMENT}\tFalse\tnone\tnone",
        "beep_train.tsv": "comments\tcontain_gender_bias\tbias\thate\n"
        + "\n".join(f"{a} {_TONE[n % 3][1]}\tFalse\tnone\t{_TONE[n % 3][0]}" for n, a in enumerate(SENTENCES))
        + f"\n{HELD_COMMENT}\tFalse\tnone\thate",
        "apeach.csv": "text,user_age,user_gender,text_topic,class,age,text_topic_eng\n"
        + "\n".join(f"{a} 요,30,f,t,Default,30,T" for a in SENTENCES[:9]),
        "curse2runo.txt": "\n".join(f"{a} 흠|{n % 2}" for n, a in enumerate(SENTENCES)),
    }
    for name, text in files.items():
        (folder / name).write_text(text + "\n", encoding="utf-8")
    with lzma.open(folder / "nsmc_sample150k.tsv.xz", "wt", encoding="utf-8") as handle:
        handle.writelines(f"{1 + 9 * (n % 2)}\t{a} 영화\n" for n, a in enumerate(SENTENCES))
    return folder


_TONE = (("none", "고마워요"), ("offensive", "바보 멍청이"), ("hate", "역겨운 벌레들"))


def _other_pairs() -> list[str]:
    return [f"g\tf\t2012\t{n}\t{n}.0\t시험 문장 {n}\t시험 문장 {n * 2}" for n in range(2, 5)]
