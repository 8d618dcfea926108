"""Adapters: bring a layer as somebody wrote it into the normal form, without touching it."""

from __future__ import annotations

from gradcheck.adapt._functional import Functional, functional

__all__ = ["Functional", "functional"]
