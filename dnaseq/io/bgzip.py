"""BGZF, the gzip of blocks that bgzip writes: read from anywhere by its index, and written.

A block has at most 64 KiB on either side, and says its own compressed size (SAM specification, 4.1).
"""

import mmap
import struct
from bisect import bisect_right
from collections import OrderedDict
from itertools import pairwise
from pathlib import Path
from typing import IO

from isal import isal_zlib

from dnaseq.errors import InputError
from dnaseq.io.os_errors import access

_HEAD = b"\x1f\x8b\x08\x04\x00\x00\x00\x00\x00\xff\x06\x00BC\x02\x00"  # up to the size of the block
_MOST = 0xFF00  # bytes of a block before compression, as bgzip has them
_LARGEST = 1 << 16  # of a compressed block
_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_KEPT = 64  # blocks that stay in memory


def is_bgzip(path: str | Path) -> bool:
    """Recognise a BGZF file by its first bytes."""
    with access(path), open(path, "rb") as handle:
        head = handle.read(14)
    return head.startswith(b"\x1f\x8b") and head[3:4] == b"\x04" and head[12:14] == b"BC"


class IndexedBgzip:
    """A BGZF file whose bytes can be read from anywhere, by the index that `bgzip --reindex` writes (.gzi)."""

    def __init__(self, path: str, index: str):
        self._path, self._index = path, index
        with access(path), open(path, "rb") as handle:
            self._bytes = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
        self._packed, self._plain = self._read_index(len(self._bytes))
        self._blocks: OrderedDict[int, bytes] = OrderedDict()

    def read(self, begin: int, end: int) -> bytes:
        """Return the bytes [begin, end) of the text, fewer at its end. Raises InputError for damaged blocks and an
        index of another file."""
        found, at = [], begin
        number = max(bisect_right(self._plain, begin) - 1, 0)
        while at < end and number < len(self._plain):
            block = self._block(number)
            piece = block[at - self._plain[number] : end - self._plain[number]]
            found.append(piece)
            number += 1
            if number < len(self._plain):
                at = self._plain[number]
        return b"".join(found)

    def _read_index(self, size: int) -> tuple[list[int], list[int]]:
        """Return the first byte of each block, in the file and in the text."""
        with access(self._index):
            data = Path(self._index).read_bytes()
        count = struct.unpack_from("<Q", data)[0] if len(data) >= 8 else -1
        if len(data) != 8 + 16 * count:
            raise self._unfit()
        numbers = struct.unpack_from(f"<{2 * count}Q", data, 8)
        packed, plain = [0, *numbers[::2]], [0, *numbers[1::2]]
        rising = all(a < b for a, b in pairwise(packed)) and all(a <= b for a, b in pairwise(plain))
        if not rising or packed[-1] >= size:
            raise self._unfit()
        return packed, plain

    def _block(self, number: int) -> bytes:
        """Return the text of the block, and check that it has the size of the index."""
        if number in self._blocks:
            self._blocks.move_to_end(number)
            return self._blocks[number]
        data = self._bytes[self._packed[number] : self._packed[number] + _LARGEST]
        if not data.startswith(b"\x1f\x8b") or len(data) < 18:
            raise self._unfit()
        inflate = isal_zlib.decompressobj(wbits=31)
        try:
            text = inflate.decompress(data)
        except isal_zlib.error as error:  # type: ignore[misc]  # its stub has no base class
            what = f"corrupt gzip data at byte {self._packed[number]} ({error})"
            raise InputError(what, file=self._path) from error
        if not inflate.eof:
            raise InputError("compressed file ends early", file=self._path, fix="Copy or download it again")
        if number + 1 < len(self._plain) and len(text) != self._plain[number + 1] - self._plain[number]:
            raise self._unfit()
        self._blocks[number] = text
        if len(self._blocks) > _KEPT:
            self._blocks.popitem(last=False)
        return text

    def _unfit(self) -> InputError:
        how = f"Make it anew: bgzip --reindex {self._path}"
        return InputError(f"not the block index of {self._path}", file=self._index, fix=how)


class BgzipWriter:
    """A writer of BGZF into an open binary file; the same bytes give the same file."""

    def __init__(self, handle: IO[bytes]):
        self._handle, self._held = handle, bytearray()

    def write(self, data: bytes) -> None:
        self._held += data
        while len(self._held) >= _MOST:
            self._put(bytes(self._held[:_MOST]))
            del self._held[:_MOST]

    def close(self) -> None:
        """Write what is held and the end marker. The file stays open."""
        if self._held:
            self._put(bytes(self._held))
            self._held.clear()
        self._handle.write(_END)

    def _put(self, text: bytes) -> None:
        import zlib  # here, as isal packs worse, and only files of variants are written in blocks

        deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = deflate.compress(text) + deflate.flush()
        size = len(_HEAD) + 2 + len(packed) + 8
        tail = struct.pack("<II", zlib.crc32(text), len(text))
        self._handle.write(_HEAD + struct.pack("<H", size - 1) + packed + tail)
