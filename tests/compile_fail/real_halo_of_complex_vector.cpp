/// An operator over ranks on real vectors is not applied to a complex one.
// expect: x is a vector of another kind than domain(A): its scalar, memory or distribution differs
#include <lop/distributed/communication.hpp>

#include <complex>

using namespace lop;

int main() {
    const Communicator world = Communicator::self();
    const DistributedSpace<double> space{"x", {3}, world, Partition::balanced(3, 1)};
    const Halo<double> halo{space};
#ifdef LOP_MUST_FAIL
    const DistributedSpace<std::complex<double>> other{"y", {3}, world, Partition::balanced(3, 1)};
#else
    const auto& other = space;
#endif
    const auto y = halo * other.zeros();
    return static_cast<int>(y.size());
}
