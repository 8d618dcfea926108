"""Adapters: bring a layer as somebody wrote it into the normal form, without touching it."""

from __future__ import annotations

from gradcheck.adapt._autograd import autograd
from gradcheck.adapt._closure import closure
from gradcheck.adapt._context import context
from gradcheck.adapt._conventions import Conventional, conventions
from gradcheck.adapt._cs231n import cs231n
from gradcheck.adapt._derivative import derivative
from gradcheck.adapt._explicit import Explicit, explicit
from gradcheck.adapt._functional import Functional, functional
from gradcheck.adapt._isolated import Isolated, isolated
from gradcheck.adapt._jax import jax
from gradcheck.adapt._oop import Oop, oop
from gradcheck.adapt._settings import Refusal
from gradcheck.adapt._tape import tape
from gradcheck.adapt._torch import torch

__all__ = [
    "Conventional",
    "Explicit",
    "Functional",
    "Isolated",
    "Oop",
    "Refusal",
    "autograd",
    "closure",
    "context",
    "conventions",
    "cs231n",
    "derivative",
    "explicit",
    "functional",
    "isolated",
    "jax",
    "oop",
    "tape",
    "torch",
]
