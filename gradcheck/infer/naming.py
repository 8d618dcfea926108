"""Naming: the names under which public code keeps what a spec calls x, weight, bias, stride."""

from __future__ import annotations

from collections.abc import Mapping

FORWARD = (
    "forward", "forward_pass", "feed_forward", "feedforward", "fprop", "forward_propagation",
    "forward_propagate", "forwardpass", "fwd", "propagate", "apply", "run", "call",
    "__call__",
)  # fmt: skip
BACKWARD = (
    "backward", "backward_pass", "backprop", "bprop", "backward_propagation", "back_propagation",
    "back_propagate", "backpropagate", "backwardpass", "bwd", "back", "gradients", "vjp",
)  # fmt: skip
DERIVATIVE = ("derivative", "gradient", "prime", "grad", "deriv", "diff", "d", "df")
FUNCTION = ("fn", "func", "__call__", "function", "activate", "activation", "compute", *FORWARD)
SETUP = (
    "set_input_shape", "set_optimizer", "build", "initialize", "init_params", "init_weights",
    "initialize_parameters", "initialise", "setup", "_setup", "connect_to", "compile", "init",
)  # fmt: skip
ARRAYS = {
    "x": (
        "x", "X", "z", "Z", "input", "inputs", "inp", "A_prev", "a_prev", "data", "image", "images",
        "input_data", "x_in", "A", "a", "h",
    ),
    "weight": (
        "weight", "W", "w", "weights", "kernel", "kernels", "filters", "filter", "K", "k", "theta",
        "Weight", "gamma", "alpha",
    ),
    "bias": ("bias", "b", "biases", "B", "w0", "beta", "Bias", "b0"),
    "dy": (
        "dy", "dout", "dY", "dOut", "dZ", "dz", "dA", "da", "grad", "grad_output", "grad_out",
        "output_grad", "upstream", "gradient", "delta", "error", "d_out", "dvalues", "next_dz",
        "accum_grad", "gy", "g", "d", "out_grad", "d_L_d_out", "output_gradient", "dLdy", "dLdY",
        "dL_dout", "dH", "dh", "grads", "topgrad", "eta_next", "cotangent",
    ),
    "y": ("y", "Y", "out", "output", "activation", "result"),
    "cache": ("cache", "ctx", "saved", "caches", "context", "memory", "state", "tape", "residual"),
    "labels": ("labels", "target", "targets", "t", "y_true", "truth"),
}  # fmt: skip
SETTINGS = {
    "stride": ("stride", "strides", "step", "s", "stride_size"),
    "padding": ("padding", "pad", "paddings", "p", "pad_size", "zero_padding"),
    "dilation": ("dilation", "dilations", "dilation_rate"),
    "groups": ("groups", "group", "n_groups"),
    "kernel_size": (
        "kernel_size", "filter_size", "pool_size", "pool_shape", "kernel_shape", "filter_shape",
        "size", "ksize", "f", "window", "window_size", "pooling", "pool", "kernel_dim",
        "filter_dim", "field", "win_shape", "poolsize", "k", "kernel", "filter",
    ),
    "negative_slope": ("negative_slope", "alpha", "slope", "leak", "a", "leakiness"),
    "alpha": ("alpha",),
    "p": (
        "p", "rate", "ratio", "prob", "probability", "drop_prob", "drop_rate", "dropout", "p_drop",
        "dropout_ratio", "dropout_rate", "dropout_prob", "p_dropout", "keep_prob", "keep_rate",
    ),
}  # fmt: skip
OWN = (
    "dim", "beta", "threshold", "value", "lambd", "min_val", "max_val", "approximate", "norm_type",
    "ceil_mode", "count_include_pad", "divisor_override", "output_padding", "output_size", "mode",
    "start_dim", "end_dim", "training", "momentum", "eps", "reduction", "ignore_index",
    "label_smoothing",
)  # fmt: skip
"""Settings that people call as torch.nn.functional does, and give as it does."""

SIZES = {
    "rows": (
        "pool_height", "pool_h", "filter_height", "kernel_height", "h_filter", "kh", "KH", "HH",
        "filter_h", "kernel_h", "f_h", "fh", "FH", "filter_rows", "k_h",
    ),
    "columns": (
        "pool_width", "pool_w", "filter_width", "kernel_width", "w_filter", "kw", "KW", "WW",
        "filter_w", "kernel_w", "f_w", "fw", "FW", "filter_cols", "k_w",
    ),
    "fan_in": (
        "in_channels", "in_features", "n_in", "in_dim", "input_size", "input_dim", "in_size",
        "fan_in", "num_inputs", "n_inputs", "input_len", "in_ch", "n_input", "input_channels",
        "inputs_num", "num_in", "nin", "channels", "in_channel", "n_features", "input_depth",
        "c_in", "input_features", "d_in", "dim_in", "C_in", "num_channels", "n_channels",
        "depth_in", "num_features", "in_feature", "input_units", "prev_units", "n_prev",
        "input_nodes", "n_x", "n0", "n_inp", "in_units", "in_nodes", "in_neurons", "nx",
    ),
    "fan_out": (
        "out_channels", "out_features", "n_out", "out_dim", "output_size", "output_dim",
        "out_size", "fan_out", "num_outputs", "n_outputs", "nodes", "n_units", "units",
        "num_filters", "n_filters", "n_filter", "out_ch", "num_out", "n_neurons", "neurons", "nout",
        "out_channel", "n_output", "output_channels", "num_units", "filters", "depth", "c_out",
        "n_kernels", "num_kernels", "output_features", "d_out", "dim_out", "C_out", "nb_filter",
        "n_nodes", "num_neurons", "hidden_size", "n_kernel", "out_feature", "dim", "n_hidden",
        "n_h", "n_y", "n1", "out_units", "out_nodes", "out_neurons", "ny", "n_curr", "num_nodes",
        "output_nodes", "filter_count", "filter_num", "num_filter", "kernels_num", "k",
    ),
    "input_shape": (
        "input_shape", "in_shape", "X_dim", "shape", "x_shape", "input_dims", "image_shape",
        "prev_shape", "input_tensor_shape", "in_dims", "inshape",
    ),
    "batch": ("batch_size", "batch", "n_samples", "N"),
}  # fmt: skip
RATES = ("lr", "learning_rate", "learn_rate", "eta", "alpha", "step_size", "l_rate")
OPTIMISERS = ("optimizer", "optimiser", "opt", "updater", "solver")
NAMED = ("name", "label", "id")
TRAINING = (
    "training",
    "train",
    "is_training",
    "train_flg",
    "is_train",
    "trainable",
    "training_flag",
)
KEEPS = (
    "save_cache",
    "cache",
    "store",
    "save",
    "keep",
    "keep_cache",
    "retain",
    "remember",
    "memorize",
)
"""Flags by which a forward is told to keep what its backward needs."""

BIASED = ("bias", "use_bias", "has_bias", "with_bias", "b")
IDENTITY = ("activation", "act", "act_fn", "activation_function", "non_linearity", "nonlinearity")
DICTIONARY = ("param", "params", "config", "hparameters", "hyperparameters", "hparams", "conf")
OUTPUTS = ("output", "out", "outputs", "y", "Y", "A", "a", "activation", "result", "Z")
DX = (
    "dx", "dX", "dinputs", "dinput", "d_x", "grad_input", "input_grad", "grad_x", "dA_prev",
    "input_gradient", "d_input", "x_grad", "gradx", "delta", "dA", "din", "dprev", "grad",
)  # fmt: skip
FORMS = (
    "d{}",
    "d_{}",
    "grad_{}",
    "{}_grad",
    "{}_gradient",
    "{}.grad",
    "grad{}",
    "{}grad",
    "delta_{}",
    "g{}",
    "g_{}",
    "nabla_{}",
    "d{}s",
)
GRADIENTS = ("grads", "gradients", "grad", "gradient", "dparams", "d_params", "derivatives")


CLEARS = (
    "zero_grad", "zero_grads", "zero_gradients", "flush_gradients", "clear_grads", "cleargrads",
    "clear_gradients", "reset_gradients", "reset_grads", "zero_grad_parameters",
)  # fmt: skip
FLAGS = ("derivative", "deriv", "prime", "der", "backward", "grad", "gradient", "diff", "is_grad")


def meaning(name: str, table: Mapping[str, tuple[str, ...]]) -> str | None:
    """Return what a name means in a table.

    >>> meaning("pad", SETTINGS), meaning("eta", SETTINGS)
    ('padding', None)
    """
    return next((what for what, names in table.items() if name in names), None)
