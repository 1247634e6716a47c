// Functions of a library by the calling convention of Apache TVM-FFI: __tvm_ffi_conv2d, ...; `refloop help plugin` says
// what they get. The few parts of its C ABI that this takes (tvm/ffi/c_api.h of 0.1) are declared in tvm_ffi.cpp, and
// nothing of it is linked.
#pragma once

#include "subjects/kernels.h"

namespace refloop::subjects {

/// Of a library that is loaded; without operators where it exports none of these.
Kernels tvm_ffi_kernels(void* library);

}  // namespace refloop::subjects
