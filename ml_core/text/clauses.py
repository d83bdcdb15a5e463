"""Where the clause begins that carries a message of two.

"걱정했는데 다 잘됐어" is about what turned out well. Korean joins such clauses by an ending on the last
word of the first (-는데, -지만, -더니, -아도, -니까) or by a conjunction (근데, 하지만), so that the end of a
word decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ml_core.text.jamo import squeeze

_TURN = re.compile(
    "(?:[는은인한던운픈간른쁜큰긴린쓴]데|지만|지마는|더니|[어아여해라]도|니까)(?:도|요)?[,.]*$"
    "|^(?:근데|그런데|하지만|그래도|그러나|but)$"
)
_SHORTEST = 4
"""Letters that the last clause must have: "그건 그런데 왜" stays one clause."""


def last_clause_start(words: Sequence[str]) -> int:
    """Position of the first word after the last turn, or 0 for a single clause."""
    for position in range(len(words) - 1, 0, -1):
        if _TURN.search(words[position - 1]) and len(squeeze("".join(words[position:]))) >= _SHORTEST:
            return position
    return 0
