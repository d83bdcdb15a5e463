"""Certificates read as sentences, in both languages."""

from __future__ import annotations

from django.utils import translation

from emotoon.bench.drawn_clips import draw_clip
from emotoon.ml.certificates import certificate_text, file_text
from emotoon.ml.export import export, load_targets


def kept(name: str) -> dict[str, object]:
    """A certificate as a finished pack keeps it."""
    fitted = export(draw_clip("nod", frames=8, side=96, fps=8.0), load_targets()[name])
    file = {**fitted.certificate.as_dict(), "path": "01.webp", "given_up": ["frames: 8 of 12"]}
    return {"ok": True, "files": [file]}


def test_a_person_reads_what_was_found_and_allowed() -> None:
    with translation.override("en"):
        text = certificate_text(kept("whatsapp_anim"))
        assert text.summary == "1 of 1 file keeps every limit of this messenger."
        lines = {line.name: line for line in text.files[0].checks}
    assert lines["File size"].limit == "at most 500 KB"
    assert lines["Size in pixels"].found == "512 x 512"
    assert text.files[0].given_up == ("8 of 12 pictures shown",)
    assert "AI made it" in text.marks


def test_korean_certificates_hold_no_english_sentences() -> None:
    with translation.override("ko"):
        for name in ("line_anim", "kakao_anim", "telegram_emoji", "ogq_anim", "signal_anim"):
            text = certificate_text(kept(name))
            spoken = [text.summary, text.marks, *text.files[0].given_up]
            for line in text.files[0].checks:
                spoken += [line.name, line.limit]
            for words in spoken:
                for english in ("at most", "at least", "equal", "ever", "none", "side", "File", "pixels"):
                    assert english not in words, words


def test_an_empty_certificate_is_not_ok() -> None:
    with translation.override("en"):
        assert not certificate_text({}).ok


def test_one_file_is_told_in_one_line_and_a_broken_limit_is_not_hidden() -> None:
    (file,) = kept("telegram_video")["files"]  # type: ignore[misc]
    with translation.override("en"):
        assert file_text(file).summary == "Telegram video sticker: every limit is kept"
        broken = {**file, "ok": False, "target": "a_messenger_of_the_past"}
        assert file_text(broken).summary == "a_messenger_of_the_past: not every limit is kept"
