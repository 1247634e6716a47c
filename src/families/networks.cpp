#include "families/networks.h"

#include "families/case_tools.h"
#include "families/sweep_tools.h"

namespace refloop {
namespace {

constexpr Kind conv_kinds[] = {
    {DType::f32, Data::integer}, {DType::f32, Data::wide}, {DType::f32, Data::real}, {DType::f64, Data::real}};
constexpr Kind pool_kinds[] = {{DType::f32, Data::integer}, {DType::f32, Data::wild}, {DType::f64, Data::real}};

struct Layer {
  int dims;
  Index batch, channels, out_channels, groups;
  Axes input, kernel, stride, padding, dilation;
  bool bias;
};

constexpr Axes ones{1, 1, 1};

constexpr Layer layers[] = {
    // ResNet-50: stem, bottleneck, its strided 3x3, projection
    {2, 2, 3, 8, 1, {31, 33}, {7, 7}, {2, 2}, {3, 3}, ones, false},
    {2, 2, 16, 8, 1, {14, 14}, {1, 1}, ones, {}, ones, false},
    {2, 2, 8, 8, 1, {14, 14}, {3, 3}, ones, {1, 1}, ones, false},
    {2, 2, 8, 8, 1, {15, 15}, {3, 3}, {2, 2}, {1, 1}, ones, false},
    {2, 2, 8, 16, 1, {14, 14}, {1, 1}, {2, 2}, {}, ones, false},
    // ResNeXt: 3x3 in 32 groups
    {2, 1, 64, 64, 32, {9, 9}, {3, 3}, ones, {1, 1}, ones, false},
    // MobileNetV2: stem, depthwise at both strides, linear bottleneck
    {2, 1, 3, 8, 1, {33, 33}, {3, 3}, {2, 2}, {1, 1}, ones, false},
    {2, 2, 12, 12, 12, {15, 17}, {3, 3}, ones, {1, 1}, ones, false},
    {2, 2, 12, 12, 12, {15, 17}, {3, 3}, {2, 2}, {1, 1}, ones, false},
    {2, 4, 24, 4, 1, {7, 7}, {1, 1}, ones, {}, ones, false},
    // EfficientNet: 5x5 depthwise; squeeze and excitation on one pixel
    {2, 2, 10, 10, 10, {16, 14}, {5, 5}, {2, 2}, {2, 2}, ones, false},
    {2, 5, 48, 12, 1, {1, 1}, {1, 1}, ones, {}, ones, true},
    // VGG: 3x3 with bias
    {2, 1, 64, 16, 1, {14, 14}, {3, 3}, ones, {1, 1}, ones, true},
    {2, 4, 3, 8, 1, {16, 16}, {3, 3}, ones, {1, 1}, ones, true},
    // AlexNet: 11x11 at stride 4
    {2, 1, 3, 8, 1, {63, 65}, {11, 11}, {4, 4}, {2, 2}, ones, true},
    // U-Net: without padding, and the 1x1 at its end
    {2, 1, 6, 8, 1, {17, 15}, {3, 3}, ones, {}, ones, true},
    {2, 1, 16, 2, 1, {17, 15}, {1, 1}, ones, {}, ones, true},
    // ConvNeXt: 7x7 depthwise, patches of 4
    {2, 2, 9, 9, 9, {14, 14}, {7, 7}, ones, {3, 3}, ones, true},
    {2, 1, 3, 12, 1, {32, 32}, {4, 4}, {4, 4}, {}, ones, true},
    // Vision transformer: patches of 16
    {2, 1, 3, 16, 1, {32, 48}, {16, 16}, {16, 16}, {}, ones, true},
    // Inception: 1x7 and 7x1
    {2, 1, 12, 8, 1, {12, 12}, {1, 7}, ones, {0, 3}, ones, false},
    {2, 1, 12, 8, 1, {12, 12}, {7, 1}, ones, {3, 0}, ones, false},
    // DeepLab: dilation 6, 12 and 18
    {2, 1, 8, 4, 1, {33, 33}, {3, 3}, ones, {6, 6}, {6, 6, 1}, false},
    {2, 1, 8, 4, 1, {33, 33}, {3, 3}, ones, {12, 12}, {12, 12, 1}, false},
    {2, 1, 8, 4, 1, {33, 33}, {3, 3}, ones, {18, 18}, {18, 18, 1}, false},
    // WaveNet: causal, dilation doubles; wav2vec: 10 taps at stride 5
    {1, 2, 8, 8, 1, {65}, {2}, ones, {1}, ones, true},
    {1, 2, 8, 8, 1, {65}, {2}, ones, {4}, {4, 1, 1}, true},
    {1, 2, 8, 8, 1, {65}, {2}, ones, {16}, {16, 1, 1}, true},
    {1, 1, 1, 16, 1, {400}, {10}, {5}, {}, ones, false},
    // C3D and R(2+1)D
    {3, 1, 3, 8, 1, {8, 12, 12}, {3, 3, 3}, ones, {1, 1, 1}, ones, true},
    {3, 1, 6, 8, 1, {6, 9, 9}, {1, 3, 3}, {1, 2, 2}, {0, 1, 1}, ones, false},
    {3, 1, 8, 6, 1, {6, 9, 9}, {3, 1, 1}, ones, {1, 0, 0}, ones, false},
    // more than 500 terms on planes that are no multiple of eight
    {2, 1, 64, 4, 1, {7, 9}, {3, 3}, ones, {1, 1}, ones, true},
    {2, 2, 24, 5, 1, {9, 7}, {5, 5}, ones, {2, 2}, ones, false},
    {2, 1, 128, 8, 1, {5, 5}, {3, 3}, ones, {1, 1}, ones, false},
    // more than 1,000, 2,000 and 4,000 terms on few pixels
    {1, 1, 512, 2, 1, {8}, {5}, ones, {2}, ones, false},
    {2, 1, 256, 2, 1, {4, 4}, {3, 3}, ones, {1, 1}, ones, true},
    {2, 1, 512, 2, 1, {2, 2}, {3, 3}, ones, {1, 1}, ones, false},
    {3, 1, 96, 1, 1, {3, 3, 3}, {3, 3, 3}, ones, {1, 1, 1}, ones, true},
    // depthwise with a channel multiplier, in a batch
    {2, 4, 6, 12, 6, {11, 13}, {3, 3}, ones, {1, 1}, ones, true},
    {2, 5, 4, 12, 4, {9, 9}, {3, 3}, {2, 2}, {1, 1}, ones, false},
    {1, 4, 6, 18, 6, {33}, {5}, ones, {2}, ones, true},
    // batches of eight
    {2, 8, 3, 4, 1, {8, 8}, {3, 3}, ones, {1, 1}, ones, true},
    {1, 8, 5, 4, 1, {16}, {3}, ones, {1}, ones, false},
    // width of an image
    {2, 1, 2, 3, 1, {9, 224}, {3, 3}, ones, {1, 1}, ones, true},
    {2, 1, 2, 3, 1, {224, 9}, {3, 3}, {2, 2}, {1, 1}, ones, false},
    // wide dilation and padding
    {2, 1, 3, 4, 1, {17, 19}, {3, 3}, ones, {4, 4}, {4, 4, 1}, false},
    {2, 1, 3, 4, 1, {17, 19}, {5, 5}, {2, 2}, {8, 8}, {5, 5, 1}, true},
    {2, 1, 3, 4, 1, {9, 9}, {9, 9}, ones, {4, 4}, ones, false},
    // one axis beyond 2^15 and beyond 2^16
    {1, 1, 1, 2, 1, {33'000}, {3}, ones, {1}, ones, false},
    {1, 1, 1, 1, 1, {66'000}, {3}, {2}, {1}, ones, false},
    {1, 1, 1, 1, 1, {33'003}, {33'000}, ones, {}, ones, false},
    {1, 1, 33'000, 2, 1, {2}, {1}, ones, {}, ones, false},
    {2, 1, 1, 33'000, 1, {2, 1}, {1, 1}, ones, {}, ones, false},
    {2, 1, 1, 1, 1, {2, 33'000}, {1, 3}, ones, {}, ones, false},
};

Case case_of(const Layer& layer) {
  Case c;
  c.family = &family::conv;
  c.dims = layer.dims;
  c.batch = layer.batch;
  c.channels = layer.channels;
  c.out_channels = layer.out_channels;
  c.groups = layer.groups;
  c.bias = layer.bias;
  const auto copy = [&](Axes Case::*to, const Axes& from) { std::copy_n(from.begin(), c.dims, (c.*to).begin()); };
  copy(&Case::input, layer.input);
  copy(&Case::kernel, layer.kernel);
  copy(&Case::stride, layer.stride);
  copy(&Case::before, layer.padding);
  copy(&Case::dilation, layer.dilation);
  return c;
}

/// Sizes around those of vectors and blocks.
constexpr Index telling_sizes[] = {7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129};

}  // namespace

std::vector<Case> conv_layers_of_networks() {
  std::vector<Case> cases;
  for (const Layer& layer : layers) add_kinds(cases, case_of(layer), conv_kinds);
  for (const Index kernel : {1, 3, 5, 7}) {
    for (const Index stride : {1, 2}) {
      for (const bool padded : {false, true}) {
        Case c = case_of({2, 2, 3, 4, 1, {11, 13}, {}, {}, {}, ones, true});
        fill_axes(c, &Case::kernel, kernel);
        fill_axes(c, &Case::stride, stride);
        fill_axes(c, &Case::before, padded ? kernel / 2 : 0);
        add_kinds(cases, c, conv_kinds);
      }
    }
  }
  for (const Index size : telling_sizes) {
    for (std::size_t axis = 0; axis < 2; ++axis) {
      Case c = case_of({2, 1, 3, 4, 1, {5, 5}, {3, 3}, ones, {1, 1}, ones, true});
      c.input[axis] = size;
      add_kinds(cases, c, std::span(conv_kinds).last(3));
    }
    Case of_channels = case_of({2, 1, size, 3, 1, {5, 5}, {3, 3}, ones, {1, 1}, ones, true});
    add_kinds(cases, of_channels, std::span(conv_kinds).last(3));
    std::swap(of_channels.channels, of_channels.out_channels);
    add_kinds(cases, of_channels, std::span(conv_kinds).last(3));
  }
  return cases;
}

std::vector<Case> pools_of_networks(const Family& pool) {
  std::vector<Case> cases;
  const auto add = [&](Index batch, Index channels, const Axes& input, const Axes& kernel, Index stride,
                       Index padding) {
    Case c;
    c.family = &pool;
    c.dims = input[2] > 0 ? 3 : input[1] > 0 ? 2 : 1;
    c.batch = batch;
    c.channels = channels;
    c.input = input;
    c.kernel = kernel;
    fill_axes(c, &Case::stride, stride);
    fill_axes(c, &Case::before, padding);
    add_kinds(cases, c, pool_kinds);
  };
  for (const Index size : telling_sizes) {
    add(1, 3, {size, 9}, {3, 3}, 2, 1);
    add(1, 3, {9, size}, {2, 2}, 2, 0);
    add(1, size, {4, 5}, {2, 2}, 2, 0);
  }
  add(4, 8, {16, 16}, {3, 3}, 2, 1);        // ResNet's stem
  add(5, 8, {16, 14}, {2, 2}, 2, 0);        // VGG
  add(8, 16, {7, 7}, {7, 7}, 1, 0);         // global average
  add(1, 8, {14, 14}, {14, 14}, 1, 0);      // the same on a larger plane
  add(1, 4, {17, 17}, {3, 3}, 1, 1);        // Inception
  add(1, 4, {13, 13}, {5, 5}, 1, 2);        // spatial pyramid
  add(1, 4, {8, 12, 12}, {1, 2, 2}, 2, 0);  // C3D
  add(2, 4, {33'000}, {3}, 2, 1);
  add(1, 1, {66'000}, {2}, 2, 0);
  add(1, 33'000, {2}, {2}, 1, 0);
  add(1, 2, {9, 224}, {3, 3}, 2, 1);
  return cases;
}

std::vector<Case> batch_norms_of_networks() {
  constexpr Kind kinds[] = {{DType::f32, Data::real}, {DType::f64, Data::real}};
  std::vector<Case> cases;
  const auto add = [&](int dims, Index batch, Index channels, const Axes& input) {
    Case c;
    c.family = &family::batch_norm;
    c.dims = dims;
    c.batch = batch;
    c.channels = channels;
    c.input = input;
    c.affine = true;
    for (const bool training : {false, true}) {
      c.train = c.stats = training;
      add_kinds(cases, c, kinds);
    }
  };
  for (const Index size : telling_sizes) {
    add(2, 2, 3, {size, 5});
    add(2, 1, size, {3, 3});
  }
  for (const Index batch : {4, 5, 8, 32}) {
    add(2, batch, 6, {7, 7});
    add(0, batch, 16, {});
    add(1, batch, 4, {33});
  }
  add(3, 2, 4, {4, 7, 7});
  add(1, 1, 2, {66'000});
  add(2, 1, 2, {9, 224});
  return cases;
}

}  // namespace refloop
