#include "subjects/tvm_ffi.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>

#include "check/call_names.h"
#include "families/plugin_tools.h"

namespace refloop::subjects {
namespace {

/// Tells what an Any holds; beyond 64 an object.
enum class Holds : std::int32_t { none = 0, integer = 1, boolean = 2, real = 3, tensor = 7, shape = 69 };

struct Any {
  Holds holds = Holds::none;
  std::uint32_t zero = 0;
  union {
    std::int64_t integer = 0;
    double real;
    void* pointer;
  };
};

struct Object {
  std::uint64_t references = (std::uint64_t{1} << 32) + 1;  // weak ones above strong ones
  Holds type = Holds::none;
  std::uint32_t padding = 0;
  void (*end)(void* self, int flags) = [](void*, int) {};  // whoever made it keeps it
};

struct Shape : Object {
  const std::int64_t* data = nullptr;
  std::size_t size = 0;
};

struct Bytes {
  const char* data;
  std::size_t size;
};

struct Raised : Object {  // what an error begins with
  Bytes kind, message;
};

using Function = int (*)(void* self, const Any* arguments, std::int32_t count, Any* result);

/// What a call hands over, which lives as long as this does.
class Handed {
 public:
  void add(const AnyTensor* tensor) {
    if (tensor == nullptr) return void(add(Holds::none));
    const std::size_t least_rank = tensor->shape.size() == 2 ? 3 : 1;  // N x C is N x C x 1
    add(Holds::tensor).pointer = static_cast<DLTensor*>(tensors_.emplace_back(*tensor, least_rank));
  }
  void add(const Argument& told) {
    std::visit([&](const auto& value) { put(value); }, told.value);
  }
  const std::vector<Any>& arguments() const { return arguments_; }

 private:
  Any& add(Holds holds) { return arguments_.emplace_back(Any{holds, 0, {}}); }
  void put(std::monostate) { add(Holds::none); }
  void put(bool value) { add(Holds::boolean).integer = value ? 1 : 0; }
  void put(Index value) { add(Holds::integer).integer = value; }
  void put(double value) { add(Holds::real).real = value; }
  void put(const std::vector<Index>& axes) {
    Shape& shape = shapes_.emplace_back();
    shape.type = Holds::shape;
    shape.data = axes_.emplace_back(axes).data();
    shape.size = axes.size();
    add(Holds::shape).pointer = &shape;
  }

  std::vector<Any> arguments_;
  std::deque<Described> tensors_;
  std::deque<std::vector<Index>> axes_;
  std::deque<Shape> shapes_;
};

/// What is updated in place is not handed over twice.
Handed handed(const Case& c, Tensors in, Outputs out) {
  const CallNames fields = call_names(*c.family, c.dims);
  Handed all;
  for (const std::string& name : fields.inputs) {
    const AnyTensor* const updated = find(out, name);
    all.add(updated != nullptr ? updated : find(in, name));
  }
  for (const Argument& told : c.family->arguments(c)) all.add(told);
  for (const std::string& name : fields.outputs) {
    if (std::find(fields.inputs.begin(), fields.inputs.end(), name) == fields.inputs.end()) all.add(find(out, name));
  }
  return all;
}

/// The error that the function left; NotImplementedError says that it does not take such a case.
Answer answer_of(int returned, void (*take_raised)(void**)) {
  if (returned == 0) return {};
  void* left = nullptr;
  if (take_raised != nullptr) take_raised(&left);
  if (left == nullptr) return {Verdict::wrong, fmt::format("returned {}", returned)};
  const auto& raised = *static_cast<const Raised*>(left);
  const std::string kind(raised.kind.data, raised.kind.size), message(raised.message.data, raised.message.size);
  return {kind == "NotImplementedError" ? Verdict::skipped : Verdict::wrong, fmt::format("{}: {}", kind, message)};
}

}  // namespace

Kernels tvm_ffi_kernels(void* library) {
  std::map<std::string, Function> functions;
  Kernels kernels;
  for (const Family* family : families) {
    for (int dims = 1; dims <= 3; ++dims) {
      const std::string name = operator_name(*family, dims);
      void* const symbol = dlsym(library, ("__tvm_ffi_" + name).c_str());
      if (symbol == nullptr) continue;
      functions[name] = reinterpret_cast<Function>(symbol);
      kernels.operators.insert(name);
    }
  }
  const auto take_raised = reinterpret_cast<void (*)(void**)>(dlsym(library, "TVMFFIErrorMoveFromRaised"));
  kernels.call = [=](const Case& c, Tensors in, Outputs out) {
    begin_as_given(in, out);
    const Handed all = handed(c, in, out);
    Any result;
    const int returned = functions.at(operator_name(c))(nullptr, all.arguments().data(),
                                                        static_cast<std::int32_t>(all.arguments().size()), &result);
    return answer_of(returned, take_raised);
  };
  return kernels;
}

}  // namespace refloop::subjects
