"""Optimisers in NumPy: how gradients move parameters.

Names, arguments and trajectories are those of ``torch.optim``. An optimiser is its settings and
nothing else: what it remembers from step to step goes in and comes out, and no array is changed.
Parameters, gradients and memory are dicts with the same keys.

Examples
--------
>>> import numpy as np
>>> from gradcheck.reference.optim import SGD
>>> optimiser = SGD(lr=0.5, momentum=0.5)
>>> parameters = {"weight": np.array([1.0, -2.0])}
>>> memory = optimiser.start(parameters)
>>> for _ in range(3):
...     gradients = {"weight": parameters["weight"]}  # of |weight|^2 / 2
...     parameters, memory = optimiser.step(parameters, gradients, memory)
>>> parameters["weight"]
array([-0.25,  0.5 ])
"""

from ._adadelta import Adadelta
from ._adagrad import Adagrad
from ._adam import Adam, AdamW
from ._optimiser import Optimiser
from ._rmsprop import RMSprop
from ._sgd import SGD

__all__ = ["SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Optimiser", "RMSprop"]
