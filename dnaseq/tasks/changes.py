"""What has changed between two states of the same plain data, in words."""

from collections.abc import Iterator

MOST, LONGEST = 3, 40  # differences that are told; letters of a value
ABSENT = "absent"


def changes(then: object, now: object) -> str:
    """`a.b: 1 when the run began, 2 now; ...`, empty where nothing has changed."""
    before, after = dict(leaves(then)), dict(leaves(now))
    told = [
        f"{key}: {_shown(before, key)} when the run began, {_shown(after, key)} now"
        for key in dict.fromkeys([*before, *after])
        if key not in before or key not in after or not _same(before[key], after[key])
    ]
    more = f"; and {len(told) - MOST} more" if len(told) > MOST else ""
    return "; ".join(told[:MOST]) + more


def leaves(node: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every value in a tree of dicts, with its dotted path; a list counts as a value."""
    if isinstance(node, dict) and node:
        for key, value in node.items():
            yield from leaves(value, f"{path}.{key}" if path else str(key))
    else:
        yield path, node


def _same(x: object, y: object) -> bool:
    """Whether two values are written alike, so that NaN is NaN, and 1 is neither True nor 1.0."""
    return repr(x) == repr(y)


def _shown(values: dict[str, object], key: str) -> str:
    if key not in values:
        return ABSENT
    text = str(values[key])
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
