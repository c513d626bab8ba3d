/// Tests of the sums whose bits depend on neither threads nor holders.
#include <lop/core/reduce.hpp>

#include "support/team.hpp"
#include <lop/core/random.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstring>
#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace lop;

namespace {

bool same_bits(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

/// Values of unlike size and sign, so that every other order of additions shows.
double value_at(index_t global) {
    return random_normal(17, static_cast<std::uint64_t>(global)) *
           std::exp2(20 * random_uniform(18, static_cast<std::uint64_t>(global)));
}

SliceLayout whole(index_t outer, index_t total, index_t inner) {
    return {.outer = outer, .count = total, .inner = inner, .first = 0, .total = total};
}

/// Sums as several holders of contiguous ranges of slices would: each computes the nodes of its
/// own local array, then all nodes are folded in order.
double sum_by_holders(const SliceLayout& all, const std::vector<index_t>& counts) {
    TreeFold<double, void (*)(double&, const double&)> fold{
        [](double& left, const double& right) { left += right; }};
    index_t first = 0;
    for (const index_t count : counts) {
        const SliceLayout mine{all.outer, count, all.inner, first, all.total};
        const auto nodes = reduce_nodes<double>(mine, [&](index_t i) {
            const index_t inner = i % mine.inner;
            const index_t slice = i / mine.inner % mine.count;
            const index_t outer = i / mine.inner / mine.count;
            return value_at((outer * all.total + first + slice) * all.inner + inner);
        });
        for (int n = 0; n < nodes.count; ++n)
            fold.push(nodes.node[static_cast<std::size_t>(n)],
                      nodes.value[static_cast<std::size_t>(n)]);
        first += count;
    }
    REQUIRE(first == all.total);
    return fold.finish();
}

std::vector<index_t> random_cuts(index_t total, int holders, std::uint64_t seed) {
    std::vector<index_t> cuts{0, total};
    for (int h = 1; h < holders; ++h)
        cuts.push_back(static_cast<index_t>(random_uniform(seed, static_cast<std::uint64_t>(h)) *
                                            static_cast<double>(total + 1)));
    std::sort(cuts.begin(), cuts.end());
    std::vector<index_t> counts;
    for (std::size_t c = 1; c < cuts.size(); ++c) counts.push_back(cuts[c] - cuts[c - 1]);
    return counts;
}

}  // namespace

namespace {

/// A slice as its definition says: runs of 1024 in sixteen lanes, then their sums as terms again.
double sum_by_levels(std::vector<double> terms) {
    do {
        std::vector<double> sums;
        for (std::size_t from = 0; from < terms.size(); from += 1024) {
            std::array<double, 16> lane{};
            for (std::size_t i = from; i < std::min(terms.size(), from + 1024); ++i)
                lane[(i - from) % 16] += terms[i];
            for (std::size_t half = 8; half > 0; half /= 2)
                for (std::size_t l = 0; l < half; ++l) lane[l] += lane[l + half];
            sums.push_back(lane[0]);
        }
        terms = std::move(sums);
    } while (terms.size() > 1);
    return terms.front();
}

}  // namespace

TEST_CASE("long slices are summed by runs, and runs of runs") {
    constexpr index_t run = 1024;
    for (const index_t inner : {run - 1, run, run + 1, 3 * run + 500, run * run - 1, run * run,
                                run * run + 1, 2 * run * run + 3 * run + 5}) {
        std::vector<double> terms(static_cast<std::size_t>(inner));
        for (std::size_t i = 0; i < terms.size(); ++i) terms[i] = value_at(static_cast<index_t>(i));
        const double sum = reduce<double>(
            whole(1, 1, inner), [&](index_t i) { return terms[static_cast<std::size_t>(i)]; });
        CHECK(same_bits(sum, sum_by_levels(terms)));
    }
}

TEST_CASE("small sums are exact on integers, for any layout") {
    for (const index_t total : {1, 2, 3, 7, 8, 255, 256, 257, 1000}) {
        for (const index_t inner : {1, 5}) {
            const SliceLayout layout = whole(1, total, inner);
            const double n = static_cast<double>(total * inner);
            CHECK(reduce<double>(layout, [](index_t i) { return static_cast<double>(i); }) ==
                  n * (n - 1) / 2);
        }
    }
    CHECK(reduce<double>(whole(3, 4, 2), [](index_t i) { return static_cast<double>(i); }) == 276);
}

TEST_CASE("a sum over nothing is zero") {
    CHECK(reduce<double>(whole(1, 0, 5), [](index_t) { return 1.0; }) == 0);
    CHECK(reduce<double>(whole(1, 5, 0), [](index_t) { return 1.0; }) == 0);
    CHECK(reduce<std::complex<double>>(SliceLayout{}, [](index_t) { return 1.0; }) == 0.0);
}

TEST_CASE("each term is asked for exactly once") {
    for (const SliceLayout layout : {whole(1, 1000, 1), whole(1, 37, 29), whole(3, 41, 7)}) {
        std::vector<int> asked(static_cast<std::size_t>(layout.size()));
        reduce<double>(layout, [&](index_t i) {
            ++asked[static_cast<std::size_t>(i)];
            return 1.0;
        });
        CHECK(std::all_of(asked.begin(), asked.end(), [](int n) { return n == 1; }));
    }
}

TEST_CASE("a term that writes prepares each element exactly once, before it is asked for") {
    struct Writer {
        std::vector<int>* prepared;
        void prepare(index_t begin, index_t end) const {
            for (index_t i = begin; i < end; ++i) ++(*prepared)[static_cast<std::size_t>(i)];
        }
        int operator()(index_t i) const { return (*prepared)[static_cast<std::size_t>(i)]; }
    };
    for (const SliceLayout layout : {whole(1, 1000, 1), whole(1, 37, 29), whole(3, 41, 7),
                                     whole(1, 3, 5000), whole(1, 70001, 1)}) {
        std::vector<int> prepared(static_cast<std::size_t>(layout.size()));
        CHECK(reduce<double>(layout, Writer{&prepared}) == static_cast<double>(layout.size()));
        CHECK(std::all_of(prepared.begin(), prepared.end(), [](int n) { return n == 1; }));
    }
}

TEST_CASE("the nodes that tile a range are aligned, ascending and complete") {
    index_t at = 5;
    const index_t end = 77;
    while (at < end) {
        const TreeNode node = next_tree_node(at, end);
        CHECK(node.begin == at);
        CHECK(node.begin % node.width() == 0);
        CHECK(node.begin + node.width() <= end);
        at += node.width();
    }
    CHECK(at == end);
    CHECK(next_tree_node(0, 1).level == 0);
    CHECK(next_tree_node(0, 1024).level == 10);
    CHECK(next_tree_node(6, 100).level == 1);
}

TEST_CASE("any cut of the slices into holders gives the same bits") {
    struct Case {
        index_t outer, total, inner;
    };
    for (const Case c : {Case{1, 1, 1}, Case{1, 2, 3}, Case{1, 100, 17}, Case{3, 53, 4},
                         Case{1, 1037, 1}, Case{2, 64, 1}}) {
        const SliceLayout all = whole(c.outer, c.total, c.inner);
        const double expected = reduce<double>(all, [](index_t i) { return value_at(i); });
        CHECK(same_bits(sum_by_holders(all, {c.total}), expected));
        for (int holders = 2; holders <= 9; ++holders)
            for (std::uint64_t seed = 1; seed <= 5; ++seed) {
                INFO(c.outer << " x " << c.total << " x " << c.inner << " on " << holders);
                CHECK(
                    same_bits(sum_by_holders(all, random_cuts(c.total, holders, seed)), expected));
            }
    }
}

TEST_CASE("one slice a holder, and holders without slices, give the same bits") {
    const SliceLayout all = whole(1, 21, 6);
    const double expected = reduce<double>(all, [](index_t i) { return value_at(i); });
    CHECK(same_bits(sum_by_holders(all, std::vector<index_t>(21, 1)), expected));
    CHECK(same_bits(sum_by_holders(all, {0, 9, 0, 0, 12, 0}), expected));
    for (const index_t total : {1, 2, 3, 63, 64, 65, 127, 128, 200, 1037, 2048}) {
        const SliceLayout values = whole(1, total, 1);
        const std::vector<index_t> ones(static_cast<std::size_t>(total), 1);
        CHECK(same_bits(sum_by_holders(values, ones), reduce<double>(values, value_at)));
    }
}

TEST_CASE("the order of additions is no accident: sums of holders' plain sums depend on the cut") {
    const index_t total = 1037;
    int differing = 0;
    const double tree = reduce<double>(whole(1, total, 1), [](index_t i) { return value_at(i); });
    for (index_t cut = 1; cut < total; ++cut) {
        double left = 0;
        double right = 0;
        for (index_t i = 0; i < cut; ++i) left += value_at(i);
        for (index_t i = cut; i < total; ++i) right += value_at(i);
        CHECK(left + right == doctest::Approx(tree).epsilon(1e-12));
        differing += same_bits(left + right, tree) ? 0 : 1;
    }
    CHECK(differing > total / 4);
}

TEST_CASE("one thread and several give the same bits") {
#ifdef _OPENMP
    for (const SliceLayout layout :
         {whole(1, 300001, 1), whole(1, 501, 701), whole(2, 333, 311), whole(1, 4200000, 1)}) {
        std::vector<double> sums;
        for (const int threads : {1, 2, 3, 5}) {
            const Team team{threads};
            sums.push_back(reduce<double>(layout, [](index_t i) {
                return static_cast<double>(mix_bits(static_cast<std::uint64_t>(i))) * 1e-3;
            }));
        }
        for (const double sum : sums) CHECK(same_bits(sum, sums.front()));
    }
#else
    MESSAGE("skipped: built without OpenMP");
#endif
}

TEST_CASE("the tree sum of many small numbers loses less than a plain loop") {
    // 2^22 times 0.1: exact to half an ulp in a balanced tree, up to a rounding of 0.1 itself.
    const index_t n = index_t{1} << 22;
    const double sum = reduce<double>(whole(1, n, 1), [](index_t) { return 0.1; });
    CHECK(sum == 0.1 * static_cast<double>(n));
}

TEST_CASE("a fold adds whole objects in the order of the tree") {
    // Strings show the order: (((0 1) (2 3)) (4 5)) 6.
    const auto add = [](std::string& left, const std::string& right) {
        left = "(" + left + " " + right + ")";
    };
    TreeFold<std::string, decltype(add)> fold{add};
    for (index_t i = 0; i < 7; ++i) fold.push({i, 0}, std::to_string(i));
    CHECK(fold.pending() == 3);
    CHECK(fold.finish() == "(((0 1) (2 3)) ((4 5) 6))");
}
