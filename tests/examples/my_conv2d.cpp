#include "my_conv2d.h"

#include <iostream>

int main() {
  const refloop::Report report = refloop::check(refloop::conv2d(my_conv2d).threads(1, 4));
  std::cout << report;
  return report.exit_code();
}
