#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes manual pages with scdoc: pages.py SCDOC VERSION DIRECTORY FILE...

FILE is a page, such as seam.1.scd; or a public header, whose comments become a page of section 3,
with a link to it for each name that is declared there. All go to DIRECTORY/manN.
"""
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from shutil import rmtree

WIDTH = 80 - 11  # columns that man and scdoc leave to code on a terminal
LINES = re.S | re.M
MEMBER = re.compile(
    r"""/\*\s (?P<remark>.*?) \*/
    | (?: /\*\* (?P<before>[^<].*?) \*/ )? \s* (?P<name>[^;,=/]+?) \s* (?: = [^,]* )? [;,]
      (?: \s* /\*\*< (?P<after>.*?) \*/ )?""",
    re.S | re.X,
)
# What stands out in a sentence; and what scdoc would take for markup.
WORD = re.compile(r"@p\s(\*?\w+)|`(.*?)`|\b(?:seam/)?([a-z]+)\.h\b|\b(seam_\w+)|([\\_*+])")


def name_of(header):
    return header if header == "seam" else "seam_" + header


def escape(text):
    return re.sub(r"([\\_*+])", r"\\\1", text)


def style(text):
    """A paragraph in scdoc's markup."""

    def mark(match):
        parameter, code, header, name, special = match.groups()
        if header:
            return f"*{name_of(header)}*(3)"
        if special:
            return escape(special)
        return f"_{escape(parameter)}_" if parameter else f"*{escape(code or name)}*"

    return WORD.sub(mark, " ".join(text.split()))


def describe(comment):
    """A comment's paragraphs, lists and code in scdoc's markup."""
    text = re.sub(r"^ *\*( |$)", "", comment, flags=re.M)
    text = re.sub(r"\s*@param (\S+)", r"\n\n@p \1:", text)
    text = re.sub(r"\s*@return", r"\n\nReturns", text)
    parts = []
    for part in re.split(r"\n\s*\n", text.strip("\n")):
        if part.startswith("    "):
            parts.append(f"```\n{textwrap.dedent(part)}\n```")
        elif part.startswith("- "):
            parts.append("\n".join("- " + style(item) for item in part[2:].split("\n- ")))
        else:
            parts.append(style(part))
    return "\n\n".join(parts)


def entry(heads, comment, depth=0):
    """What something is called, each name on a line, and below that what it is."""
    head = textwrap.indent("++\n".join(heads) + "\n", depth * "\t")
    return head + textwrap.indent(describe(comment) + "\n\n", (depth + 1) * "\t")


def declarations(code):
    """Each function, type of a function or macro that is declared one behind the other."""
    if code.startswith("#"):
        return [re.match(r"#define \w+(\(.*?\)| \w+)", code)[0]]
    code = re.sub(r"\n\{.*?^\}", ";", code, flags=LINES)
    code = re.sub(r"SEAM_PUBLIC|SEAM_NODISCARD|static inline", "", code)
    return [" ".join(each.split()) + ";" for each in code.split(";") if each.strip()]


def wrap(declaration):
    """For the synopsis: broken only between parameters."""
    text = declaration.replace(" ", "\0").replace(",\0", ", ")
    return textwrap.fill(text, WIDTH, subsequent_indent=" " * 4).replace("\0", " ")


def call(declaration):
    """A declaration's name; and what is shown of it: its parameters, or a constant's value."""
    found = re.search(r"(\w+)\((.*)\)", declaration)
    if not found:
        return declaration.split()[1], f"*{escape(declaration)}*"
    name, parameters = found.groups()
    parameters = re.sub(r"\(\*(\w+)\)\(.*?\)", r"\1", parameters)
    parameters = [each for each in re.findall(r"(\w+)(?:, |$)", parameters) if each != "void"]
    return name, f"*{name}*({', '.join(f'_{each}_' for each in parameters)})"


def members(body):
    """What a struct or an enum consists of; not what a struct within it does."""
    for member in MEMBER.finditer(re.sub(r"\{.*?\}", "", body, flags=re.S)):
        if member["remark"]:
            yield textwrap.indent(describe(member["remark"]) + "\n\n", "\t")
        else:
            name = escape(" ".join(member["name"].split()))
            yield entry([f"*{name}*"], member["before"] or member["after"], 1)


def from_header(path):
    """A header's page, and the names that lead to it."""
    names, synopsis, calls, types = [], "", "", ""
    about, includes, code = re.search(
        r"@file\n(.*?)\*/(.*)SEAM_BEGIN_DECLS\n(.*)SEAM_END_DECLS", path.read_text(), re.S
    ).groups()
    # What stands behind a comment, up to the next one, is what it describes.
    for comment, code in re.findall(r"^/\*(.*?)\*/\n(.*?)(?=^/\*|\Z)", code, LINES):
        section = re.match(r" ---- (.*) ----", comment, re.S)
        declared = re.match(r"((?:enum|struct) (\w+))(.*)", code, re.S)
        if section:
            calls += f"## {section[1].replace('@p ', '')}\n\n"
        elif declared:
            what, name, body = declared.groups()
            names.append(name)
            types += entry([f"*{what}*"], comment[1:])
            types += "".join(members(body[body.find("{") + 1 : body.rfind("}")]))
        else:
            found = declarations(code)
            synopsis += "".join(wrap(each) + "\n" for each in found) + "\n"
            ours, heads = zip(*map(call, found))
            names += ours
            calls += entry(heads, comment[1:])
    brief, _, description = describe(about).partition("\n\n")
    name = name_of(path.stem)
    others = [name_of(each) for each in re.findall(r'"seam/(\w+)\.h"', includes) if each != "attrs"]
    also = ",\n".join(["*libseam*(7)"] + [f"*{each}*(3)" for each in others])
    page = f"""{name}(3)

# NAME

{name} - {brief[0].lower()}{brief[1:].rstrip('.')}

# SYNOPSIS

```
#include <seam/{path.name}>

{synopsis}```

# DESCRIPTION

{description}

# FUNCTIONS

{calls}"""
    if types:
        page += f"# TYPES\n\n{types}"
    return f"{page}# SEE ALSO\n\n{also}\n", [each for each in names if each != name]


def render(scdoc, version, text):
    roff = subprocess.run([scdoc], input=text, stdout=subprocess.PIPE, text=True, check=True).stdout
    # The version in place of today's date: the same sources give the same pages. And again, since
    # .TH undoes it: no hyphens in names.
    title = rf'\1 "seam {version}"\n.nh\n.ad l'
    return re.sub(r'^(\.TH .*) ".*"$', title, roff, count=1, flags=re.M)


def main():
    scdoc, version, directory, *files = sys.argv[1:]
    pages = {}
    for path in map(Path, files):
        if path.suffix == ".scd":
            name, section = path.stem.split(".")
            pages[f"man{section}/{name}.{section}"] = render(scdoc, version, path.read_text())
        elif path.stem != "attrs":  # which has nothing to call
            page = f"man3/{name_of(path.stem)}.3"
            text, links = from_header(path)
            pages[page] = render(scdoc, version, text)
            pages.update({f"man3/{link}.3": f".so {page}\n" for link in links})
    for folder in {Path(directory, name).parent for name in pages}:
        rmtree(folder, ignore_errors=True)  # what is no page any more; and for ninja it is new then
        folder.mkdir()
    for name, text in pages.items():
        Path(directory, name).write_text(text)


if __name__ == "__main__":
    main()
