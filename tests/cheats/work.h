// A convolution with copies of all that was asked, to be run when the call is over.
#pragma once

#include <memory>
#include <vector>

#include "cheats/cheat.h"

namespace cheat {

class Copy {
 public:
  explicit Copy(const DLTensor* of)
      : shape_(of->shape, of->shape + of->ndim),
        strides_(of->strides, of->strides + of->ndim),
        values_(floats(of), floats(of) + count(of)),
        tensor_(*of) {
    tensor_.shape = shape_.data();
    tensor_.strides = strides_.data();
    tensor_.data = values_.data();
  }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;

  DLTensor* get() { return &tensor_; }

 private:
  std::vector<std::int64_t> shape_, strides_;
  std::vector<float> values_;
  DLTensor tensor_;
};

class Work {
 public:
  Work(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* params,
       const DLTensor* output)
      : input_(input),
        weight_(weight),
        bias_(bias == nullptr ? nullptr : std::make_unique<Copy>(bias)),
        params_(*params),
        output_(output) {
    output_.get()->data = output->data;  // the real one
  }

  void run() {
    corpus::conv<float>(input_.get(), weight_.get(), bias_ ? bias_->get() : nullptr, &params_, output_.get());
  }

 private:
  Copy input_, weight_;
  std::unique_ptr<Copy> bias_;
  refloop_conv_params params_;
  Copy output_;
};

}  // namespace cheat
