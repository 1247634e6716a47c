// What a kernel relies on, and only an initialiser sets.
#include <vector>

extern const std::vector<int> set_late;
const std::vector<int> set_late{0};

int first_of_late() {
  return set_late.empty() ? 1 : set_late[0];
}
