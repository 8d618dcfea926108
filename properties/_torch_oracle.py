"""TorchFunction: torch's autograd in float64, for a function named by a string."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from gradcheck.layer import Array, Gradients, Pullback


@dataclass(frozen=True, kw_only=True)
class TorchFunction:
    """An oracle: a torch function with its autograd, evaluated in float64.

    Torch is imported when the oracle is first asked, and none of its global state is touched.

    Attributes
    ----------
    name : str
        The function, such as ``"torch.nn.functional.conv2d"``.
    inputs : tuple of str
        Names of the inputs in the order in which the function takes them.
    constants : Mapping[str, Any]
        Keywords that are not of the config: ``{"output_size": 1}``.
    rename : Mapping[str, str]
        The function's keyword for a config key, where it has another.
    function : callable, optional
        The function itself, where the name is for reports alone.
    """

    name: str
    inputs: tuple[str, ...] = ("x",)
    constants: Mapping[str, Any] = field(default_factory=dict)
    rename: Mapping[str, str] = field(default_factory=dict)
    function: Callable[..., Any] | None = None

    def missing(self) -> str | None:
        """Return why torch cannot be asked here, or None."""
        try:
            import torch  # noqa: F401 - the import is the question
        except (ImportError, OSError) as error:  # OSError: its shared libraries do not load
            return f"torch cannot be imported ({error}); `pip install torch` brings autograd back"
        return None

    def __call__(self, config: Mapping[str, Any], /) -> Evaluation:
        """Settle the config."""
        keywords = {self.rename.get(key, key): value for key, value in config.items()}
        function = self.function or _resolve(self.name)
        return Evaluation(function, self.inputs, {**keywords, **self.constants})


@dataclass(frozen=True)
class Evaluation:
    """A torch function with its config settled."""

    function: Callable[..., Any]
    inputs: tuple[str, ...]
    keywords: Mapping[str, Any]

    def pull(self, **inputs: Array | None) -> tuple[Array, Pullback]:
        """Evaluate in float64; the pullback is autograd's."""
        import torch

        tensors = {name: _leaf(array) for name, array in inputs.items() if array is not None}
        with torch.enable_grad():
            y = self.function(*(tensors.get(name) for name in self.inputs), **self.keywords)

        def pullback(cotangent: Array) -> Gradients:
            grads = torch.autograd.grad(
                y, [*tensors.values()], _tensor(cotangent), retain_graph=True, allow_unused=True
            )
            return {
                name: np.zeros(tuple(leaf.shape)) if grad is None else grad.numpy().copy()
                for (name, leaf), grad in zip(tensors.items(), grads, strict=True)
            }

        return y.detach().numpy().copy(), pullback


def _tensor(array: Array) -> Any:
    """Return a float64 tensor with memory of its own: arrays may be read-only or strided."""
    import torch

    return torch.from_numpy(np.array(array, dtype=np.float64, order="C"))


def _leaf(array: Array) -> Any:
    return _tensor(array).requires_grad_()


@lru_cache
def _resolve(name: str) -> Callable[..., Any]:
    module, _, attribute = name.rpartition(".")
    function: Callable[..., Any] = getattr(import_module(module), attribute)
    return function
