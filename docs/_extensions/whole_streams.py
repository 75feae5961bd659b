"""What a cell prints, as one text: MyST-NB puts a line break between the pieces in which it came."""

from typing import Any


def join_streams(outputs: list[Any]) -> list[Any]:
    """Return the outputs of a cell with all pieces of a stream in its first one, unchanged."""
    first: dict[str, Any] = {}
    joined = []
    for output in outputs:
        if output["output_type"] == "stream" and output["name"] in first:
            first[output["name"]]["text"] += output["text"]
            continue
        if output["output_type"] == "stream":
            first[output["name"]] = output
        joined.append(output)
    return joined


def setup(app: Any) -> dict[str, bool]:
    """Let MyST-NB join streams so, where nb_merge_streams asks for it."""
    from myst_nb.core import render  # here, as the tests of this file have no MyST-NB

    render.coalesce_streams = join_streams
    return {"parallel_read_safe": True}
