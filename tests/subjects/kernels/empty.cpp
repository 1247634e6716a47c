// A library without any function that refloop knows.
int refloop_of_another_kind() {
  return 0;
}
