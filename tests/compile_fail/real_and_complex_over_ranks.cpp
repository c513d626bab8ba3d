/// Over ranks as on one: a real vector does not take in a complex one.
// expect: vectors of unlike scalar types do not combine: cast<T>(x) converts one of them
#include <lop/distributed/distributed_array.hpp>

#include <complex>

using namespace lop;

int main() {
    const Communicator world = Communicator::self();
    const DistributedSpace<double> space{"x", {3}, world, Partition::balanced(3, 1)};
#ifdef LOP_MUST_FAIL
    const DistributedSpace<std::complex<double>> other{"y", {3}, world, Partition::balanced(3, 1)};
#else
    const auto& other = space;
#endif
    const auto x = space.zeros();
    const auto y = other.zeros();
    const auto z = evaluate(x + y);
    return static_cast<int>(z.size());
}
