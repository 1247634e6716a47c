# A kernel whose signature can't be is told so by the compiler, in words.
cmake_minimum_required(VERSION 3.22)
file(MAKE_DIRECTORY "${WORK}")

# Compiles a kernel of these parameters; the message must be among what the compiler says. Without one it must compile.
function(expect operator parameters message)
  file(WRITE "${WORK}/kernel.cpp" "#include \"refloop/callable.h\"
using namespace refloop;
void kernel(${parameters});
Callable made() { return ${operator}(kernel); }
")
  execute_process(COMMAND "${COMPILER}" -std=c++20 -fsyntax-only -I "${INCLUDE}" "${WORK}/kernel.cpp"
                  RESULT_VARIABLE failed ERROR_VARIABLE said)
  if(message STREQUAL "" AND failed)
    message(FATAL_ERROR "${operator} with ${parameters} does not compile:\n${said}")
  endif()
  string(FIND "${said}" "${message}" found)
  if(found EQUAL -1 OR (message AND NOT failed))
    message(FATAL_ERROR "${operator} with ${parameters}: the compiler does not say \"${message}\" but\n${said}")
  endif()
endfunction()

set(x "TensorView<const float, 4>")
expect(conv2d "${x}, ${x}, const float*, const ConvSettings<2>&, TensorView<float, 4>" "")
expect(conv2d "const ${x}&, ${x}, std::optional<TensorView<const float, 1>>, ConvSettings<2>, TensorView<float, 4>" "")
expect(conv1d "${x}, ${x}, const float*, const ConvSettings<2>&, TensorView<float, 4>" "the input of a convolution of Dims spatial axes")
expect(conv2d "float*, ${x}, const float*, const ConvSettings<2>&, TensorView<float, 4>" "the input of a convolution of Dims spatial axes")
expect(conv2d "${x}, TensorView<const double, 4>, const float*, const ConvSettings<2>&, TensorView<float, 4>" "the weight has the input's element type")
expect(conv2d "${x}, ${x}, const double*, const ConvSettings<2>&, TensorView<float, 4>" "the bias is a const T*")
expect(conv2d "${x}, ${x}, const float*, const ConvSettings<1>&, TensorView<float, 4>" "the settings are a const ConvSettings<Dims>&")
expect(conv2d "${x}, ${x}, const float*, const ConvSettings<2>&, ${x}" "the output is a TensorView<T, Dims + 2> of the input's element type, and not const")
expect(conv2d "${x}, ${x}, const ConvSettings<2>&, TensorView<float, 4>" "a convolution is called with input, weight, bias, settings and output")
expect(max_pool2d "${x}, const PoolSettings<2>&, TensorView<float, 4>, std::optional<TensorView<Index, 4>>" "")
expect(max_pool2d "${x}, const PoolSettings<2>&, TensorView<float, 4>, std::optional<TensorView<int, 4>>" "the indices are a std::optional")
expect(avg_pool2d "${x}, const PoolSettings<2>&, TensorView<float, 4>, std::optional<TensorView<Index, 4>>" "a pool is called with")
expect(batch_norm2d "${x}, const BatchNormChannels<double>&, const BatchNormSettings&, TensorView<float, 4>" "the channels are a const BatchNormChannels<T>&")
expect(conv2d "TensorView<const bool, 4>, TensorView<const bool, 4>, const bool*, const ConvSettings<2>&, TensorView<bool, 4>" "refloop has no such element type")
