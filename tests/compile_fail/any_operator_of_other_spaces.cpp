/// A list of operators holds operators between its spaces only.
// expect: AnyOperator<Domain, Range> of A: the spaces of A are of another kind
#include <lop/algebra/algebra.hpp>

#include <vector>

using namespace lop;

int main() {
    std::vector<AnyOperator<ArraySpace<double>>> list;
#ifdef LOP_MUST_FAIL
    const Identity a{ArraySpace<float>{"x", {3}}};
#else
    const Identity a{ArraySpace<double>{"x", {3}}};
#endif
    list.push_back(AnyOperator<ArraySpace<double>>{a});
    return static_cast<int>(list.size());
}
