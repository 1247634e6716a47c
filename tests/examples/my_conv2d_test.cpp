#include "my_conv2d.h"

#include "refloop/gtest.h"

REFLOOP_TEST(MyConv2d, refloop::conv2d(my_conv2d).takes("conv2d_g1").threads(1, 4));
