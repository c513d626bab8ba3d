/// The main of every test program.
#define DOCTEST_CONFIG_IMPLEMENT
#include <lop/testing/doctest_main.hpp>

int main(int argc, char** argv) { return lop::testing::doctest_main(argc, argv); }
