// NumPy's files of one array, as np.save writes them: formats 1.0 and 2.0, little-endian, in C or Fortran order.
#pragma once

#include <string>
#include <string_view>

#include "refloop/case.h"

namespace refloop::subjects {

/// The array, without gaps and in memory of its own. Raises Error for what can't be read, with what is accepted; the
/// file is somebody's, and nothing in it is believed.
AnyTensor read_npy(const std::string& path, std::string_view name);

/// Format 1.0, C order; equal tensors make equal bytes. Raises Error where the file can't be written.
void write_npy(const std::string& path, const AnyTensor& tensor);

}  // namespace refloop::subjects
