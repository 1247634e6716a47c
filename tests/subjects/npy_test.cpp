// .npy files: what NumPy writes is read, what is broken or hostile is refused in one sentence.
#include "subjects/npy.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "check/tensors.h"
#include "refloop/error.h"

namespace refloop::subjects {
namespace {

namespace fs = std::filesystem;

class Npy : public testing::Test {
 protected:
  Npy() : path_((fs::path(testing::TempDir()) / ("refloop-npy-" + std::to_string(getpid()) + ".npy")).string()) {}
  ~Npy() override { fs::remove(path_); }

  void put(const std::string& bytes) const { std::ofstream(path_, std::ios::binary) << bytes; }
  std::string bytes() const {
    std::ostringstream all;
    all << std::ifstream(path_, std::ios::binary).rdbuf();
    return all.str();
  }
  /// A file of format 1.0 (or 2.0) with this header, its length right.
  void put(const std::string& header, const std::string& data, char major = 1) const {
    const std::size_t size = header.size();
    std::string length{static_cast<char>(size & 0xFF), static_cast<char>(size >> 8)};
    if (major == 2) length += std::string(2, '\0');
    put("\x93NUMPY" + std::string{major, '\0'} + length + header + data);
  }
  std::string refusal() const {
    try {
      read_npy(path_, "input");
    } catch (const Error& error) {
      const std::string says = error.what();
      return says.starts_with(path_ + " ") ? says.substr(path_.size() + 1) : says;
    }
    return "nothing was refused";
  }

  std::string path_;
};

std::string header_of(const std::string& descr, const std::string& shape, const std::string& fortran = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n";
}

TEST_F(Npy, IsReadAsItWasWritten) {
  for (std::size_t number = 0; number < std::size(dtype_terms); ++number) {
    for (const std::vector<Index>& shape : {std::vector<Index>{2, 3, 4}, {5}, {0, 3}, {}}) {
      AnyTensor tensor = make_tensor("input", static_cast<DType>(number), shape);
      auto* const memory = static_cast<unsigned char*>(tensor.data);
      const std::size_t size = static_cast<std::size_t>(tensor.size()) * element_size(tensor.dtype);
      for (std::size_t at = 0; at < size; ++at) memory[at] = static_cast<unsigned char>(at * 37 + 11);
      write_npy(path_, tensor);
      const AnyTensor read = read_npy(path_, "input");
      EXPECT_EQ(read.shape, shape);
      EXPECT_EQ(read.dtype, tensor.dtype);
      EXPECT_EQ(std::memcmp(read.data, tensor.data, size), 0) << to_text(tensor.dtype);
    }
  }
}

/// Byte for byte what numpy.save writes of numpy.arange(3, dtype="f4") and of an array of 2 x 1 bytes.
TEST_F(Npy, IsWrittenAsNumPyDoes) {
  AnyTensor three = make_tensor("x", DType::f32, {3});
  for (Index at = 0; at < 3; ++at) three.view<float, 1>()(at) = static_cast<float>(at);
  write_npy(path_, three);
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }";
  header += std::string(117 - header.size(), ' ') + '\n';
  EXPECT_EQ(bytes(), std::string("\x93NUMPY\1\0v\0", 10) + header + std::string("\0\0\0\0\0\0\x80\x3f\0\0\0\x40", 12));

  AnyTensor column = make_tensor("x", DType::uint8, {2, 1});
  write_npy(path_, column);
  EXPECT_EQ(bytes().size(), 128U + 2U);
  EXPECT_NE(bytes().find("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1), }"), std::string::npos);
}

TEST_F(Npy, MayBeInFortranOrderAndOfFormat2) {
  const std::string columns("\1\2\3\4\5\6", 6);  // of 2 x 3: column by column
  for (const char format : {char{1}, char{2}}) {
    put(header_of("|i1", "(2, 3)", "True"), columns, format);
    const AnyTensor read = read_npy(path_, "input");
    const auto view = read.view<std::int8_t, 2>();
    EXPECT_EQ(read.strides, (std::vector<Index>{3, 1}));
    for (Index row = 0; row < 2; ++row)
      for (Index column = 0; column < 3; ++column) EXPECT_EQ(view(row, column), 1 + row + 2 * column);
  }
}

TEST_F(Npy, MayHaveItsHeaderWrittenByOthers) {
  put("{\"x\": 0, 'shape' :( 2,1 ),'descr':'<u1','fortran_order':False}", "ab");
  EXPECT_EQ(read_npy(path_, "input").shape, (std::vector<Index>{2, 1}));
}

TEST_F(Npy, OfATypeThatRefloopHasNotIsRefusedWithThoseThatItHas) {
  const std::string accepted = "accepted are <f8 <f4 <i8 <i4 <i2 |i1 |u1 (little-endian)";
  for (const char* descr : {"<f2", "|V2", ">f4", "<u4", "|b1", "<c8", "|O"}) {
    put(header_of(descr, "(2,)"), "abcdefgh");
    EXPECT_EQ(refusal(), "holds elements of type '" + std::string(descr) + "'; " + accepted);
  }
  put("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "abcd");
  EXPECT_NE(refusal().find(accepted), std::string::npos) << refusal();
}

TEST_F(Npy, ThatIsBrokenIsRefused) {
  EXPECT_EQ(refusal(), "there is no file " + path_);
  put("");
  EXPECT_EQ(refusal(), "is no .npy file: it does not begin as np.save has them begin");
  put("PK\3\4 an archive of several");
  EXPECT_EQ(refusal(), "is no .npy file: it does not begin as np.save has them begin");
  put(std::string("\x93NUMPY\3\0\x10\0", 10));
  EXPECT_EQ(refusal(), "is of .npy format 3.0; accepted are 1.0 and 2.0");
  put(std::string("\x93NUMPY\1\0\x10\0{'descr'", 18));
  EXPECT_EQ(refusal(), "ends within its header, which should have 16 bytes");
  put(std::string("\x93NUMPY\2\0\xff\xff\xff\xff", 12));
  EXPECT_EQ(refusal(), "has a header of 4294967295 bytes; accepted are up to 65536");
  put("{'descr': '<f4', 'shape': (1,)}", "abcd");
  EXPECT_EQ(refusal(), "is no .npy file: its header says no 'fortran_order'");
  put(header_of("<f4", "(1,)", "Maybe"), "abcd");
  EXPECT_NE(refusal().find("is no .npy file: fortran_order is Maybe"), std::string::npos);
}

TEST_F(Npy, OfAnotherSizeThanItsHeaderSaysIsRefused) {
  for (const char* data : {"", "abcdefg", "abcdefghi"}) {
    put(header_of("<f4", "(2,)"), data);
    EXPECT_EQ(refusal(), "has " + std::to_string(std::strlen(data)) + " bytes of elements; 2 f32 take 8");
  }
}

/// None of them may take memory, or wrap to a size that fits.
TEST_F(Npy, WithAHostileShapeIsRefused) {
  for (const char* shape : {"(-1,)", "(2", "2", "(1 2)", "(a,)", "(1,,2)", "(99999999999999999999,)", "(1.5,)", "",
                            "(1,1,1,1,1,1,1,1,1)"}) {
    put(header_of("<f4", shape), "abcd");
    EXPECT_TRUE(refusal().starts_with("has a shape that is none: ")) << shape << ": " << refusal();
  }
  for (const char* shape :
       {"(4611686018427387904, 4)", "(0, 9223372036854775807, 4)", "(1000000000,)", "(65536, 65536, 65536, 65536)"}) {
    put(header_of("<f4", shape), "");
    EXPECT_NE(refusal().find("has more elements than the"), std::string::npos) << refusal();
  }
}

TEST_F(Npy, ThatCanNotBeWrittenIsSaid) {
  const AnyTensor tensor = make_tensor("x", DType::f32, {3});
  EXPECT_THROW(write_npy("/no/such/folder/x.npy", tensor), Error);
  if (fs::exists("/dev/full")) {
    EXPECT_THROW(write_npy("/dev/full", tensor), Error);
  }
}

}  // namespace
}  // namespace refloop::subjects
