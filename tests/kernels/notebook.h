// The inputs of the notebook, as it prints them; the planes are drawn with torch.manual_seed(42).
#pragma once

#include "refloop/tensor.h"

namespace refloop {

inline Tensor<std::int64_t, 2> notebook_plane() {
  return tensor<std::int64_t>({{2, 7, 6, 4, 6, 5},
                               {0, 4, 0, 3, 8, 4},
                               {0, 4, 1, 2, 5, 5},
                               {7, 6, 9, 6, 3, 1},
                               {9, 3, 1, 9, 7, 9},
                               {2, 0, 5, 9, 3, 4}});
}

/// The second channel of the batch-and-channel example; its first is `notebook_plane`.
inline Tensor<std::int64_t, 2> notebook_second_plane() {
  return tensor<std::int64_t>({{9, 6, 2, 0, 6, 2},
                               {7, 9, 7, 3, 3, 4},
                               {3, 7, 0, 9, 0, 9},
                               {6, 9, 5, 4, 8, 8},
                               {6, 0, 0, 0, 0, 1},
                               {3, 0, 1, 1, 7, 9}});
}

/// The batch that it normalizes.
inline Tensor<float, 4> notebook_batch() {
  return {{2, 2, 2, 2},
          std::vector<float>{1, 0, 0, 0, 0, 1, 0, 0,  //
                             0, 1, 2, 3, 4, 5, 6, 7}};
}

}  // namespace refloop
