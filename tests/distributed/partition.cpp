/// Shares of an axis: how they are cut, who owns what, and what is refused.
#include <lop/distributed/partition.hpp>

#include "parts.hpp"
#include <lop/core/error.hpp>

#include <doctest/doctest.h>

using lop::ArgumentError;
using lop::index_t;
using lop::Partition;

TEST_CASE("a balanced partition gives the longer parts to the first ranks") {
    const auto p = Partition::balanced(10, 4);
    CHECK(p.ranks() == 4);
    CHECK(p.extent() == 10);
    CHECK(p.axis() == 0);
    CHECK_FALSE(p.is_replicated());
    const index_t counts[] = {3, 3, 2, 2};
    const index_t firsts[] = {0, 3, 6, 8};
    for (int r = 0; r < 4; ++r) {
        CHECK(p.count(r) == counts[r]);
        CHECK(p.first(r) == firsts[r]);
    }
}

TEST_CASE("a balanced partition of fewer indices than ranks leaves the last ranks without") {
    const auto p = Partition::balanced(2, 4, 1);
    CHECK(p.axis() == 1);
    CHECK(p.count(0) == 1);
    CHECK(p.count(1) == 1);
    CHECK(p.count(2) == 0);
    CHECK(p.count(3) == 0);
    CHECK(Partition::balanced(0, 3).extent() == 0);
}

TEST_CASE("parts of any partition follow each other and fill the extent") {
    for (const index_t extent : {0, 1, 2, 7, 1000})
        for (const int ranks : {1, 2, 3, 4, 7})
            for (const auto& p : parts::all(extent, ranks)) {
                CHECK(p.first(0) == 0);
                for (int r = 0; r + 1 < ranks; ++r)
                    CHECK(p.first(r) + p.count(r) == p.first(r + 1));
                CHECK(p.first(ranks - 1) + p.count(ranks - 1) == extent);
            }
}

TEST_CASE("the owner of an index is the rank whose part holds it, past all empty parts") {
    const auto p = Partition::given({0, 2, 0, 0, 3, 1, 0});
    const int owners[] = {1, 1, 4, 4, 4, 5};
    for (index_t i = 0; i < p.extent(); ++i) CHECK(p.owner(i) == owners[i]);
    for (const auto& q : parts::all(23, 5))
        for (index_t i = 0; i < q.extent(); ++i) {
            CHECK(q.first(q.owner(i)) <= i);
            CHECK(i < q.first(q.owner(i)) + q.count(q.owner(i)));
        }
}

TEST_CASE("partitions are equal when their axis and all their parts are") {
    CHECK(Partition::balanced(10, 4) == Partition::given({3, 3, 2, 2}));
    CHECK_FALSE(Partition::balanced(10, 4) == Partition::given({2, 3, 3, 2}));
    CHECK_FALSE(Partition::balanced(10, 4, 0) == Partition::balanced(10, 4, 1));
    CHECK_FALSE(Partition::balanced(10, 4) == Partition::balanced(10, 5));
    CHECK(Partition::replicated() == Partition::replicated());
    CHECK_FALSE(Partition::replicated() == Partition::balanced(10, 1));
    CHECK_FALSE(Partition::balanced(10, 1) == Partition::replicated());
    CHECK(Partition::replicated().is_replicated());
}

TEST_CASE("a partition in words tells its axis and its parts") {
    CHECK(Partition::replicated().str(1) == "replicated on 1 rank");
    CHECK(Partition::replicated().str(4) == "replicated on 4 ranks");
    CHECK(Partition::balanced(10, 4, 1).str(4) == "scattered over axis 1 of 4 ranks (3, 3, 2, 2)");
    CHECK(Partition::given({5}).str(1) == "scattered over axis 0 of 1 rank (5)");
    CHECK(Partition::balanced(18, 9).str(9) ==
          "scattered over axis 0 of 9 ranks (2, 2, 2, 2, 2, 2, 2, 2, ...)");
}

TEST_CASE("negative parts, negative extents and no ranks are refused") {
    CHECK_THROWS_WITH_AS(Partition::given({3, -1, 2}), doctest::Contains("a part of -1 indices"),
                         ArgumentError);
    CHECK_THROWS_AS(Partition::balanced(-4, 2), ArgumentError);
    CHECK_THROWS_AS(Partition::balanced(-1, 2), ArgumentError);
    CHECK_THROWS_WITH_AS(Partition::balanced(4, 0), doctest::Contains("over 0 ranks"),
                         ArgumentError);
}
