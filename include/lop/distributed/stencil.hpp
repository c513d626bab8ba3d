/// Local operators of finite reach, along scattered axes: with the bits that one rank would get.
#pragma once

#include <lop/distributed/communication.hpp>
#include <lop/distributed/local.hpp>

#include <algorithm>
#include <optional>

namespace lop {

/// How far an operator reaches along an axis: (A x)_i depends on x_{i - before}, .., x_{i + after}
/// alone, and follows the same rule for every i at least `ends` from either end of the axis.
struct Reach {
    int axis = 0;
    index_t before = 1;
    index_t after = 1;
    index_t ends = 0;
};

/// A over an array that is scattered along axes in which A reaches over the ends of the parts: a
/// halo, and A on every part and what surrounds it. Rows near the ends of parts are computed from
/// their surroundings, once those have come; all others at once, straight from x, which is not
/// copied. The adjoint is that of A in the same way: its sums are gathered, not scattered, so that
/// both carry the bits of one rank. Parts may be empty, and shorter than the reach.
/// domain, range: arrays over the same ranks; the range may have more axes in front.
template <LinearOperator A>
class Stencil : public Operator<Stencil<A>, DistributedSpace<typename DomainOf<A>::value_type>,
                                DistributedSpace<typename RangeOf<A>::value_type>> {
 public:
    using T = typename DomainOf<A>::value_type;
    using U = typename RangeOf<A>::value_type;
    using Domain = DistributedSpace<T>;
    using Range = DistributedSpace<U>;
    static constexpr bool is_real_linear = real_linear<A>;

    /// make(box) is A for the indices of a box of the whole array, in a domain of its extents; within
    /// `ends` of the box's ends it may follow another rule than the array does there. `corners`:
    /// whether A reaches along several axes at once. Collective. Throws what make throws.
    template <class Make>
    Stencil(const Domain& domain, const std::vector<Reach>& reach, Corners corners,
            const Make& make)
        : Stencil{make(IndexBox{domain.shape()}), domain, scattered(domain, reach), corners, make} {
    }

    std::string label() const { return label_; }
    void forward(const DistributedArray<T>& x, DistributedArray<U>& y) const {
        apply<Way::forward>(there_, x, y);
    }
    void adjoint(const DistributedArray<U>& y, DistributedArray<T>& x) const {
        apply<Way::adjoint>(back_, y, x);
    }
    /// Bytes that this rank sends in one forward application.
    index_t bytes_sent() const { return there_ ? there_->bytes_sent() : 0; }

 private:
    enum class Way { forward, adjoint };
    /// Rows that are made from their surroundings: places count from the begin of this rank's part.
    struct Strip {
        IndexBox rows, around;
        A a;
    };

    static std::vector<Reach> scattered(const Domain& domain, const std::vector<Reach>& reach) {
        std::vector<Reach> list;
        for (const Reach& r : reach)
            if (domain.partition().cuts(r.axis)) list.push_back(r);
        return list;
    }

    template <class Make> Stencil(A whole, const Domain& domain, const std::vector<Reach>& reach,
                                  Corners corners, const Make& make)
        : Operator<Stencil, Domain, Range>{domain, range_over(whole, domain)},
          lead_{this->range().shape().rank() - domain.shape().rank()},
          label_{whole.label()} {
        domain.communicator().collectively([&] {
            if (domain.box().is_empty()) return;
            const bool has_rows_alone = add_strips(reach, make);
            if (strips_.empty() && domain.box() == IndexBox{domain.shape()})
                inner_ = std::move(whole);
            else if (has_rows_alone) inner_.emplace(make(domain.box()));
        });
        if (reach.empty()) return;
        std::vector<AxisHalo> before, after;
        for (const Reach& r : reach) {
            before.push_back({r.axis, r.before, r.after, Ends::clipped});
            after.push_back({r.axis + lead_, r.after, r.before, Ends::clipped});
        }
        there_.emplace(Halo<T>{domain, before, corners});
        back_.emplace(Halo<U>{this->range(), after, corners});
    }

    static Range range_over(const A& whole, const Domain& domain) {
        const Shape& shape = whole.range().shape();
        return Range{Label{whole.range().name()}, shape, domain.communicator(),
                     domain.partition().shifted(shape.rank() - domain.shape().rank())};
    }

    /// Whether there are rows besides those of the strips.
    template <class Make> bool add_strips(const std::vector<Reach>& reach, const Make& make) {
        const IndexBox& mine = this->domain().box();
        IndexBox rest = mine;
        for (const Reach& r : reach) {
            const index_t width = std::max(r.before, r.after) + r.ends;
            const index_t low = mine.first(r.axis) > 0 ? width : 0;
            const index_t high = mine.end(r.axis) < this->domain().shape()[r.axis] ? width : 0;
            if (low + high == 0) continue;
            const index_t first = rest.first(r.axis);
            const index_t count = rest.count(r.axis);
            if (low + high >= count) {  // too thin for rows of its own
                add_strip(rest, reach, make);
                return false;
            }
            if (low > 0) add_strip(rest.with(r.axis, first, low), reach, make);
            if (high > 0) add_strip(rest.with(r.axis, first + count - high, high), reach, make);
            rest = rest.with(r.axis, first + low, count - low - high);
        }
        return true;
    }

    template <class Make>
    void add_strip(const IndexBox& rows, const std::vector<Reach>& reach, const Make& make) {
        IndexBox around = rows;
        for (const Reach& r : reach) {
            const index_t width = std::max(r.before, r.after) + r.ends;
            const index_t first = std::max<index_t>(0, rows.first(r.axis) - width);
            const index_t end = std::min(this->domain().shape()[r.axis], rows.end(r.axis) + width);
            around = around.with(r.axis, first, end - first);
        }
        strips_.push_back({local_of(rows), local_of(around), make(around)});
    }

    /// A box of the whole array, counted from the begin of this rank's part.
    IndexBox local_of(IndexBox box) const {
        const IndexBox& mine = this->domain().box();
        for (int axis = 0; axis < box.rank(); ++axis)
            box = box.with(axis, box.first(axis) - mine.first(axis), box.count(axis));
        return box;
    }
    /// A box of the domain as one of the range.
    template <Way way> IndexBox out_of(const IndexBox& box) const {
        return way == Way::forward ? lifted(box) : box;
    }
    template <Way way> IndexBox into(const IndexBox& box) const {
        return way == Way::forward ? box : lifted(box);
    }
    IndexBox lifted(const IndexBox& box) const {
        if (lead_ == 0) return box;
        IndexBox lifted{this->range().local_shape()};
        for (int axis = 0; axis < box.rank(); ++axis)
            lifted = lifted.with(axis + lead_, box.first(axis), box.count(axis));
        return lifted;
    }

    template <Way way, class X, class Y> static void apply_to(const A& a, const X& x, Y& y) {
        if constexpr (way == Way::forward) a.forward(x, y);
        else a.adjoint(x, y);
    }

    template <Way way, class H, class X, class Y>
    void apply(const std::optional<H>& halo, const X& x, Y& y) const {
        if (!halo) {
            if (inner_) apply_to<way>(*inner_, x.local(), y.local());
            return;
        }
        auto flight = halo->exchange().start(x.data());
        if (inner_) apply_to<way>(*inner_, x.local(), y.local());
        halo->exchange().finish(*flight);
        const IndexBox whole{y.local().shape()};
        for (const Strip& strip : strips_) {
            auto around = scratch_in<way>(strip.a);
            auto made = scratch_out<way>(strip.a);
            gather_strip(*halo, *flight, x, into<way>(strip.around), *around);
            apply_to<way>(strip.a, *around, *made);
            copy_box(out_of<way>(strip.rows), made->data(), out_of<way>(strip.around), y.data(),
                     whole);
        }
    }

    /// What lies around a strip: this rank's own values, the ghosts, and zeros that no row needs.
    template <class H, class Flight, class X, class V>
    void gather_strip(const H& halo, Flight& flight, const X& x, const IndexBox& around,
                      V& values) const {
        values.fill(typename V::value_type{});
        const auto offsets = ghosts_before(halo);
        halo.exchange().for_each_read(
            flight, x.data(), [&](IndexBox part, const auto* from, IndexBox box) {
                for (int axis = 0; axis < part.rank(); ++axis) {
                    const index_t offset = offsets[static_cast<std::size_t>(axis)];
                    part = part.with(axis, part.first(axis) - offset, part.count(axis));
                    box = box.with(axis, box.first(axis) - offset, box.count(axis));
                }
                copy_box(part & around, from, box, values.data(), around);
            });
    }
    /// How many ghosts lie below this rank's part along every axis.
    template <class H> std::array<index_t, Shape::max_rank> ghosts_before(const H& halo) const {
        std::array<index_t, Shape::max_rank> ghosts{};
        const IndexBox& mine = halo.domain().box();
        for (const AxisHalo& axis : halo.axes())
            ghosts[static_cast<std::size_t>(axis.axis)] =
                mine.count(axis.axis) > 0 ? std::min(axis.before, mine.first(axis.axis)) : 0;
        return ghosts;
    }
    template <Way way> static auto scratch_in(const A& a) {
        if constexpr (way == Way::forward) return a.domain().scratch();
        else return a.range().scratch();
    }
    template <Way way> static auto scratch_out(const A& a) {
        if constexpr (way == Way::forward) return a.range().scratch();
        else return a.domain().scratch();
    }

    int lead_;  // axes of the range before those of the domain
    std::string label_;
    std::optional<A> inner_{};  // on this rank's part alone
    std::vector<Strip> strips_{};
    std::optional<Halo<T>> there_{};
    std::optional<Halo<U>> back_{};
};

}  // namespace lop
