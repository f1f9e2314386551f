"""A picture drawn anew: upright, small enough, without EXIF and whatever hides behind it.

Pure Pillow, no project code. What is little is drawn where it is asked for (``redrawn``); the rest
in a process of its own, bounded in memory and time: run as a script with ``-I``, the picture on
stdin, ``WANTED`` (``JPEG`` or ``PNG``) as argument; it prints the picture behind ``fine``, or
``broken``. Memory is reckoned before anything is decoded (``decoded_as``).
"""

import io
import resource
import sys
import warnings

from PIL import Image, ImageOps

MEMORY = 300 << 20  # bytes of its own, what it loads as programs apart
SECONDS = 5  # of the processor: an ordinary machine needs two at most, an old one longer
LONGEST_SIDE, LONGEST_PNG = 4000, 3000
# points decoded of a JPEG, four bytes each: a larger one is read at half its size, or less
MAX_DECODED = 28_000_000
# a PNG is decoded whole: what is larger is halved strip by strip before anything else
MAX_AT_ONCE, STRIP = 12_000_000, 1_000_000


def decoded_as(width: int, height: int) -> int:
    """By how much (1, 2, 4, 8) a JPEG is made smaller while it is read; 0: it stays too large.

    Neither side alone decides: a narrow picture takes as much as a square one of so many points."""
    for scale in (1, 2, 4, 8):
        if width * height <= MAX_DECODED * scale * scale:
            return scale
    return 0


def redrawn(data: bytes, wanted: str) -> bytes:
    with warnings.catch_warnings():
        # our own limits are below Pillow's, and in words
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(data), formats=[wanted]) as found:
            return _jpeg(found) if wanted == "JPEG" else _png(found)


def _jpeg(found: Image.Image) -> bytes:
    scale = max(decoded_as(*found.size), _wished(max(found.size), LONGEST_SIDE))
    found.draft("RGB", (found.width // scale, found.height // scale))
    found.thumbnail((LONGEST_SIDE, LONGEST_SIDE), reducing_gap=None)
    out = io.BytesIO()
    ImageOps.exif_transpose(found).convert("RGB").save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()


def _wished(side: int, longest: int) -> int:
    """The most by which it may be read smaller and still have ``longest`` points."""
    return max(scale for scale in (1, 2, 4, 8) if scale == 1 or side >= longest * scale)


def _png(found: Image.Image) -> bytes:
    mode = "RGBA" if "A" in found.getbands() or "transparency" in found.info else "RGB"
    turned = found.getexif().get(0x0112)
    drawn = _halved(found, mode) if found.width * found.height > MAX_AT_ONCE else found
    if drawn.mode != mode:
        drawn = drawn.convert(mode)
    drawn.thumbnail((LONGEST_PNG, LONGEST_PNG))
    upright = drawn.transpose(TURNS[turned]) if turned in TURNS else drawn
    clean = Image.new(mode, upright.size)
    clean.paste(upright)
    out = io.BytesIO()
    clean.save(out, "PNG")
    return out.getvalue()


# as ``ImageOps.exif_transpose``: the place of the first row and column
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _halved(found: Image.Image, mode: str) -> Image.Image:
    """At half its size, a strip at a time: transparency is reckoned on a copy of what is drawn."""
    width, height = found.size
    half = Image.new(mode, ((width + 1) // 2, (height + 1) // 2))
    rows = max(2, STRIP // width // 2 * 2)
    for top in range(0, height, rows):
        strip = found.crop((0, top, width, min(top + rows, height)))
        half.paste(strip.convert(mode).reduce(2), (0, top // 2))
    found.close()
    return half


def bound() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    given = sys.stdin.buffer.read()
    bound()
    try:
        answer = b"fine" + redrawn(given, sys.argv[1])
    except MemoryError:
        sys.exit(3)
    except Exception:  # Pillow raises whatever a broken file leads it to
        answer = b"broken"
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    main()
