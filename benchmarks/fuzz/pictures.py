"""Draw small pictures and pack them as books of every form, with odd names, formats and metadata."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path
from random import Random
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw

from benchmarks.fuzz.mutations import ODD_TEXTS, mutate_bytes, mutate_text

FORMATS = {
    "PNG": (".png", ("1", "L", "LA", "P", "RGB", "RGBA", "I;16", "I")),
    "JPEG": (".jpg", ("L", "RGB", "CMYK")),
    "WEBP": (".webp", ("RGB", "RGBA")),
    "GIF": (".gif", ("L", "P")),
    "BMP": (".bmp", ("1", "L", "RGB")),
    "TIFF": (".tif", ("1", "L", "RGB", "RGBA", "CMYK", "I;16", "F", "LAB")),
    "JPEG2000": (".jp2", ("L", "RGB")),
    "AVIF": (".avif", ("RGB",)),
    "ICO": (".ico", ("RGBA",)),
    "PPM": (".ppm", ("RGB",)),
}
_FOLDERS = ("", "", "", "a/", "chapter 10/", "chapter 2/", "@eaDir/", "__MACOSX/", ".hidden/", "扉/", "a/b/c/d/e/")
_OUTSIDE = ("../", "../../../../", "/tmp/", "/", "C:\\", "\\\\server\\share\\", "a/../../", "~/", "./", "//")
_COMIC_INFO = (
    '<?xml version="1.0" encoding="{encoding}"?><ComicInfo><Title>{text}</Title><Series>x</Series><Number>1</Number>'
    "<Manga>{manga}</Manga><LanguageISO>{language}</LanguageISO><PageCount>3</PageCount>"
    '<Pages><Page Image="0" Type="FrontCover"/><Page Image="{text}"/></Pages></ComicInfo>'
)
_PACKAGE = (
    '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata>'
    '<dc:title xmlns:dc="http://purl.org/dc/elements/1.1/">{title}</dc:title></metadata><manifest>{items}</manifest>'
    '<spine page-progression-direction="{direction}">{spine}</spine></package>'
)
_CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
    '<rootfile full-path="{path}" media-type="application/oebps-package+xml"/></rootfiles></container>'
)


def draw_picture(luck: Random) -> tuple[bytes, str]:
    """Return a small picture as a file's bytes, and the suffix of its format."""
    name = luck.choice(tuple(FORMATS) if luck.random() < 0.3 else ("PNG", "JPEG"))
    suffix, modes = FORMATS[name]
    size = luck.choice((1, 2, 17, 60, 120)), luck.choice((1, 3, 40, 90, 700))
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    for _ in range(luck.randint(0, 6)):
        corners = sorted(luck.randint(0, size[0]) for _ in "ab"), sorted(luck.randint(0, size[1]) for _ in "ab")
        pen.rectangle([(corners[0][0], corners[1][0]), (corners[0][1], corners[1][1])], luck.choice(("black", "red")))
    exif = Image.Exif()
    exif[0x0112] = luck.choice((0, 1, 3, 6, 8, 9, 255))
    target = io.BytesIO()
    _in_mode(picture, luck.choice(modes)).save(target, name, **({"exif": exif} if name in ("PNG", "JPEG") else {}))
    return target.getvalue(), suffix


def _in_mode(picture: Image.Image, mode: str) -> Image.Image:
    """Convert a picture to a mode, by way of grey for those that RGB does not convert to."""
    if mode == "LAB":
        return Image.new("LAB", picture.size)
    return picture.convert("L").convert("I").convert(mode) if mode.startswith("I") else picture.convert(mode)


def draw_pages(luck: Random) -> dict[str, bytes]:
    """Return the files of a book: pictures, often one of them damaged, and often other files between them."""
    files: dict[str, bytes] = {}
    for number in range(luck.choice((0, 1, 1, 2, 3, 12))):
        data, suffix = draw_picture(luck)
        odd = luck.random() < 0.05
        stem = luck.choice(ODD_TEXTS).replace("\x00", "") if odd else luck.choice((f"{number}", f"p{number:03d}"))
        suffix = luck.choice((suffix.upper(), ".jpg", "", ".png.txt", ".part")) if luck.random() < 0.1 else suffix
        files[f"{luck.choice(_FOLDERS)}{stem}{suffix}"] = data
    if files and luck.random() < 0.4:
        name = luck.choice(sorted(files))
        files[name] = mutate_bytes(luck, files[name])
    if luck.random() < 0.3:
        files[luck.choice(("ComicInfo.xml", "comicinfo.xml", "a/ComicInfo.xml"))] = comic_info(luck)
    if luck.random() < 0.2:
        files[luck.choice(("Thumbs.db", "read me.txt", "cover.jpg", "inner.zip", ".DS_Store"))] = luck.randbytes(30)
    return files


def comic_info(luck: Random) -> bytes:
    """Return a ComicInfo.xml, often mutated or in an encoding that it does not declare."""
    text = _COMIC_INFO.format(
        encoding=luck.choice(("utf-8", "utf-16", "latin-1", "none", "")), text=escape(_xml_text(luck)),
        manga=luck.choice(("Yes", "YesAndRightToLeft", "No", "Unknown", "")),
        language=luck.choice(("ja", "", "x" * 99)),
    )  # fmt: skip
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    text = luck.choice((text, text, mutate_text(luck, text), text.replace("?>", f"?>{bomb}", 1)))
    return text.encode(luck.choice(("utf-8", "utf-8-sig", "utf-16", "cp932")), "replace")


def _xml_text(luck: Random) -> str:
    return "".join(char for char in luck.choice(ODD_TEXTS) if char.isprintable())


def write_book(luck: Random, folder: Path) -> Path | tuple[Path, ...]:
    """Write a book of a random form into an empty folder and return its path, or those of several pictures."""
    form = luck.choice(
        ("folder", "zip", "zip", "zip", "tar", "pdf", "epub", "epub", "picture", "pictures", "nested", "picture")
    )
    files = draw_pages(luck)
    if form in ("folder", "pictures"):
        paths = _write_files(files, folder / "book")
        return tuple(paths) if form == "pictures" and paths else folder / "book"
    data, suffix = _packed(luck, form, files)
    if luck.random() < 0.4:
        data = mutate_bytes(luck, data)
    suffix = luck.choice((suffix,) * 20 + (".cbz", ".pdf", ".epub", ".cbr", ".cb7", ".cbt", ".png", ""))
    path = folder / f"{luck.choice(('book', '-dash', 'книга', 'a b', '%s', 'x' * 200))}{suffix}"
    path.write_bytes(data)
    return path


def _write_files(files: dict[str, bytes], folder: Path) -> list[Path]:
    """Write the files whose names this machine can hold."""
    folder.mkdir()
    paths = []
    for name, data in files.items():
        path = folder / name.lstrip("/")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except (OSError, ValueError):  # too long, a lone surrogate, a folder of that name
            continue
        paths.append(path)
    return paths


def _packed(luck: Random, form: str, files: dict[str, bytes]) -> tuple[bytes, str]:
    """Return a book as one file's bytes, and its usual suffix."""
    if form == "tar":
        return _tar(luck, files), luck.choice((".tar", ".cbt"))
    if form == "pdf":
        return _pdf(luck), ".pdf"
    if form == "picture":
        return draw_picture(luck)
    if form == "epub":
        return _zip(luck, _epub(luck, files)), ".epub"
    if form == "nested":
        files = {"inner.cbz": _zip(luck, files), **(draw_pages(luck) if luck.random() < 0.5 else {})}
    return _zip(luck, files), luck.choice((".cbz", ".zip"))


def _zip(luck: Random, files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    method = luck.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA))
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in files.items():
            stored = luck.choice(_OUTSIDE) + name if luck.random() < 0.01 else name
            stored = stored.encode("cp932", "replace").decode("cp437") if luck.random() < 0.05 else stored
            info = zipfile.ZipInfo(stored.encode("utf-8", "replace").decode()[:60_000] or "x")
            info.compress_type = method
            info.external_attr = 0o120777 << 16 if luck.random() < 0.002 else 0
            archive.writestr(info, bytes(3_000_000) if luck.random() < 0.005 else data)
    return target.getvalue()


def _tar(luck: Random, files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=luck.choice(("w", "w:gz", "w:xz"))) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo((luck.choice(_OUTSIDE) if luck.random() < 0.1 else "") + name)
            info.size = len(data)
            try:
                archive.addfile(info, io.BytesIO(data))
            except (UnicodeError, ValueError, OSError):
                continue
    return target.getvalue()


def _pdf(luck: Random) -> bytes:
    target = io.BytesIO()
    pages = [Image.new("RGB", (luck.choice((1, 40, 200)), luck.choice((1, 60, 300))), "white") for _ in "ab"]
    pages[0].save(target, "PDF", save_all=True, append_images=pages[1:], resolution=luck.choice((1, 72, 600)))
    return target.getvalue()


def _epub(luck: Random, pictures: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files of an EPUB whose pages show the pictures, as a page of HTML, of SVG, or themselves."""
    items, spine, files = [], [], dict[str, bytes]()
    for number, (name, data) in enumerate(pictures.items()):
        safe = escape("".join(char for char in name if char.isprintable()), {'"': "&quot;"})
        files[f"OEBPS/{name}"] = data
        items.append(f'<item id="i{number}" href="{safe}" media-type="image/png"/>')
        shown = luck.choice((f'<img src="{safe}"/>', f'<svg><image xlink:href="{safe}"/></svg>', "<p>text</p>", ""))
        files[f"OEBPS/{number}.xhtml"] = f"<html><body>{shown}</body></html>".encode("utf-8", "replace")
        items.append(f'<item id="p{number}" href="{number}.xhtml" media-type="application/xhtml+xml"/>')
        spine.append(f'<itemref idref="{luck.choice("pppi")}{number}"/>')
    package = _PACKAGE.format(
        title=escape(_xml_text(luck)), items="".join(items), spine="".join(spine),
        direction=luck.choice(("rtl", "ltr", "", "up")),
    )  # fmt: skip
    package = mutate_text(luck, package) if luck.random() < 0.3 else package
    container = _CONTAINER.format(path=luck.choice(("OEBPS/content.xml",) * 20 + ("../content.xml", "", "nowhere.xml")))
    files["META-INF/container.xml"] = container.encode()
    files["OEBPS/content.xml"] = package.encode("utf-8", "replace")
    return {"mimetype": b"application/epub+zip", **files}
