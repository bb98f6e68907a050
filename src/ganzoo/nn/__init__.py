"""Layers that several plugins use, one idea per file; what is listed here is public."""

from ganzoo.nn.equalized import equalize
from ganzoo.nn.input_gradients import input_gradients
from ganzoo.nn.minibatch_stddev import MinibatchStdDev
from ganzoo.nn.modulated import ModulatedConv2d
from ganzoo.nn.pyramid import factor_size
from ganzoo.nn.resample import Resample, Stride, build_downsampling, build_upsampling

__all__ = [
    "MinibatchStdDev",
    "ModulatedConv2d",
    "Resample",
    "Stride",
    "build_downsampling",
    "build_upsampling",
    "equalize",
    "factor_size",
    "input_gradients",
]
