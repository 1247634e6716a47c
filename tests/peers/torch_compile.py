# PyTorch through torch.compile: each case compiled for itself (seconds), by Inductor to C++.
# judged with: --random 30 --like max_pool2d --like avg_pool2d_d1 --like batch_norm2d
import torch
import torch_eager

import refloop


def compiled(function):
    torch.compiler.reset()
    return torch.compile(function, dynamic=False)


torch_eager.compiled = compiled  # its kernels call through this

if __name__ == "__main__":
    refloop.serve()
