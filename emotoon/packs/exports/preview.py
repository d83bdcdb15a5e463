"""One page of HTML that shows a pack as it is: opened from the unpacked zip, without a network.

In both languages, since a job makes it: nobody's language is in force there.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import override

from emotoon.ml.certificates import given_up_text
from emotoon.ml.export import Target
from emotoon.packs.exports.content import PackContent, PackFile
from emotoon.packs.exports.wording import accessibility_both, pack_title

_STYLE = """
:root { color-scheme: light dark; font-family: system-ui, sans-serif }
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
ul { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr));
     list-style: none; padding: 0 }
li { text-align: center }
img, video { width: 100%; max-width: 10rem; aspect-ratio: 1; object-fit: contain;
     background: repeating-conic-gradient(#8882 0 25%, #0000 0 50%) 0 / 1rem 1rem }
small { display: block; opacity: .75 }
@media (prefers-reduced-motion: reduce) { video { animation: none } }
"""


def preview_page(content: PackContent, target: Target, files: tuple[PackFile, ...]) -> str:
    """The whole page as text; every word of a person is escaped."""
    stickers = [(file, content.stickers[file.sticker]) for file in files if file.sticker is not None]
    items = format_html_join(
        "\n",
        "<li>{}<br>{} {}<small>{}</small></li>",
        (
            (
                _shown(file.path, accessibility_both(sticker)),
                sticker.sentence,
                " ".join(sticker.emoji),
                _both(partial(_given_up, file)),
            )
            for file, sticker in stickers
        ),
    )
    icons = format_html_join(
        "\n",
        "<li>{}<br>{}</li>",
        ((_shown(file.path, file.path), file.path) for file in files if file.sticker is None),
    )
    icons_part = (
        format_html("<h2>{}</h2>\n<ul>\n{}\n</ul>", _both(lambda: _("Icons")), icons) if icons else ""
    )
    counts = {"ok": sum(file.certificate.ok for file in files), "all": len(files)}
    return format_html(
        "<!doctype html>\n<html lang=ko>\n<meta charset=utf-8>\n"
        '<meta name=viewport content="width=device-width">\n'
        "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; img-src 'self' file:; "
        "media-src 'self' file:; style-src 'unsafe-inline'\">\n"
        "<title>{title}</title>\n<style>{style}</style>\n"
        "<h1>{title}</h1>\n<p>{author} · {target}</p>\n<p>{ai}</p>\n<p>{checks}</p>\n"
        "<ul>\n{items}\n</ul>\n{icons_part}\n</html>\n",
        style=mark_safe(_STYLE),  # noqa: S308 - a constant of this file
        title=pack_title(content),
        author=content.author,
        target=" / ".join(dict.fromkeys((target.title["ko"], target.title["en"]))),
        ai=_both(lambda: _("AI-generated")),
        checks=_both(lambda: _("%(ok)d of %(all)d files keep all limits.") % counts),
        items=items,
        icons_part=icons_part,
    )


def _given_up(file: PackFile) -> str:
    return "; ".join(given_up_text(file.given_up))


def _both(say: Callable[[], str]) -> str:
    """What ``say`` says in Korean and in English."""
    said = []
    for language in ("ko", "en"):
        with override(language):
            said.append(say())
    return " / ".join(dict.fromkeys(said))


def _shown(path: str, text: str) -> SafeString:
    if path.endswith(".webm"):
        video = '<video src="{}" autoplay loop muted playsinline aria-label="{}"></video>'
        return format_html(video, path, text)
    return format_html('<img src="{}" alt="{}">', path, text)
