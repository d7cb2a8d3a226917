"""YAML: compose files, Kubernetes manifests, Helm templates, playbooks, workflows."""

from __future__ import annotations

from smtplint.format import Entry, Wanted
from smtplint.formats.yaml_edit import insert, remove, rename, replace
from smtplint.formats.yaml_reader import Reader
from smtplint.formats.yaml_scalar import decode, encode
from smtplint.formats.yaml_template import template
from smtplint.formats.yaml_tree import documents
from smtplint.source import Source

__all__ = ["decode", "encode", "insert", "read", "remove", "rename", "replace"]


def read(source: Source, wanted: Wanted) -> tuple[Entry, ...]:  # noqa: ARG001 - a program's calls; YAML has none
    """Every setting of every document; Unreadable if the text is no YAML, nested too deep, or its aliases multiply.

    A list of `NAME=value` texts and one of `name:`/`value:` pairs are read as settings called NAME. The value of
    the former is text, whatever it looks like: `decode` of its span need not give it (`465`), its `content` does.
    """
    parts = template(source.text)
    reader = Reader(source.text, parts)
    reader.documents(documents(parts.blanked))
    return tuple(sorted(reader.entries, key=lambda entry: entry.span.start))
