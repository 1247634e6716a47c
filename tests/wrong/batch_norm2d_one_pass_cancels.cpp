// says: sums of x and x * x in float, where the mean is large beside the deviation; it does not declare that
// source: google/flax#1491
// verdict: WRONG
// like: batch_norm2d_train_f32
#include "right/batch_norm2d_one_pass.cpp"
