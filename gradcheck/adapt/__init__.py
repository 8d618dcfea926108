"""Adapters: bring a layer as somebody wrote it into the normal form, without touching it."""

from __future__ import annotations

from gradcheck.adapt._conventions import Conventional, conventions
from gradcheck.adapt._cs231n import cs231n
from gradcheck.adapt._explicit import Explicit, explicit
from gradcheck.adapt._functional import Functional, functional
from gradcheck.adapt._oop import Oop, oop

__all__ = [
    "Conventional",
    "Explicit",
    "Functional",
    "Oop",
    "conventions",
    "cs231n",
    "explicit",
    "functional",
    "oop",
]
