/// The time loops of one shot.
#include "shot.hpp"

#include <lop/core/error.hpp>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <string>

#ifdef _OPENMP
#include <omp.h>
#endif

namespace lop::wave {
namespace {

/// Steps between two looks for values that are not finite.
constexpr index_t guard_interval = 100;

/// Threads for a grid: as many as there are, but each with enough points to be worth waking.
int team_size(index_t points) {
#ifdef _OPENMP
    constexpr index_t points_per_thread = index_t{1} << 13;
    return static_cast<int>(
        std::clamp<index_t>(points / points_per_thread, 1, omp_get_max_threads()));
#else
    (void)points;
    return 1;
#endif
}

bool on_comb(index_t n, index_t comb) { return comb > 0 && n % comb == 0; }

void refuse_comb(index_t comb) {
    if (comb < 1) {
        throw ArgumentError{"a wavefield history",
                            {.expected = "every step or every k-th one, k >= 1",
                             .found = "k = " + std::to_string(comb)}};
    }
}

template <class T>
index_t grid_size(const Medium<T>& medium) {
    return medium.layout().nx * medium.layout().ny * medium.layout().nz;
}

/// field += c scale values, over the whole grid.
template <class T>
void add_everywhere(const Medium<T>& medium, const T* values, T scale, T* field, T* kept,
                    int threads) {
    const Layout& l = medium.layout();
    const index_t images = medium.problem().free_surface ? medium.radius() : 0;
#pragma omp parallel for schedule(static) num_threads(threads)
    for (index_t x = 0; x < l.nx; ++x) {
        for (index_t y = 0; y < l.ny; ++y) {
            const T* from = values + (x * l.ny + y) * l.nz;
            const T* c = medium.c() + l.frame(x, y, 0);
            T* row = field + l.field(x, y, 0);
            for (index_t z = 0; z < l.nz; ++z) row[z] += c[z] * (scale * from[z]);
            for (index_t z = 0; kept && z < l.nz; ++z)
                kept[l.frame(x, y, z)] += c[z] * (scale * from[z]);
            for (index_t j = 1; j <= images; ++j) row[-j] = -row[j];
        }
    }
}

template <class T>
void copy_everywhere(const Medium<T>& medium, const T* field, T scale, T* values, int threads) {
    const Layout& l = medium.layout();
#pragma omp parallel for schedule(static) num_threads(threads)
    for (index_t x = 0; x < l.nx; ++x) {
        for (index_t y = 0; y < l.ny; ++y) {
            const T* row = field + l.field(x, y, 0);
            T* to = values + (x * l.ny + y) * l.nz;
            for (index_t z = 0; z < l.nz; ++z) to[z] = scale * row[z];
        }
    }
}

}  // namespace

// ---------------------------------------------------------------------------------------------
// Inlet, outlet

template <class T>
void Inlet<T>::prepare(const Medium<T>& medium, const Input<T>& input, index_t steps, double scale,
                       int threads) {
    input_ = input;
    steps_ = steps;
    scale_ = scale;
    threads_ = threads;
    if (input.points) injector_.prepare(medium, *input.points, scale);
}

template <class T>
void Inlet<T>::apply(const Medium<T>& medium, index_t n, T* field, T* kept) const {
    if (input_.points) {
        injector_.inject(input_.values, steps_, n, field, kept, threads_);
    } else if (input_.values) {
        add_everywhere(medium, input_.values + n * grid_size(medium), static_cast<T>(scale_), field,
                       kept, threads_);
    }
}

template <class T>
bool Inlet<T>::is_finite(const Medium<T>& medium) const {
    const index_t rows = input_.points   ? input_.points->size()
                         : input_.values ? grid_size(medium)
                                         : 0;
    for (index_t i = 0; i < rows * steps_; ++i)
        if (!std::isfinite(input_.values[i])) return false;
    return true;
}

template <class T>
void Outlet<T>::prepare(const Medium<T>& medium, const Output<T>& output, index_t steps,
                        double scale, int threads) {
    output_ = output;
    steps_ = steps;
    scale_ = scale;
    threads_ = threads;
    if (output.points) sampler_.prepare(medium, *output.points);
}

template <class T>
void Outlet<T>::read(const Medium<T>& medium, index_t n, const T* field) const {
    if (output_.points) {
        sampler_.sample(field, static_cast<T>(scale_), output_.values, steps_, n, threads_);
    } else if (output_.values) {
        copy_everywhere(medium, field, static_cast<T>(scale_),
                        output_.values + n * grid_size(medium), threads_);
    }
}

template <class T>
void Outlet<T>::read_zeros(const Medium<T>& medium, index_t n) const {
    if (output_.points) {
        for (index_t p = 0; p < output_.points->size(); ++p) output_.values[p * steps_ + n] = 0;
    } else if (output_.values) {
        const index_t size = grid_size(medium);
        std::fill_n(output_.values + n * size, size, T{0});
    }
}

// ---------------------------------------------------------------------------------------------
// Engine

template <class T>
AcousticEngine<T>::AcousticEngine(const AcousticProblem& problem, const T* slowness2)
    : medium_{problem, slowness2} {}

template <class T>
std::array<index_t, 3> AcousticEngine<T>::padded_extents() const {
    const Layout& l = medium_.layout();
    return l.is_planar ? std::array<index_t, 3>{l.nx, l.nz, 1}
                       : std::array<index_t, 3>{l.nx, l.ny, l.nz};
}

template <class T>
std::array<index_t, 3> AcousticEngine<T>::padding_before() const {
    const std::array<index_t, 3>& b = medium_.before();
    return medium_.layout().is_planar ? std::array<index_t, 3>{b[0], b[2], 0} : b;
}

template <class T>
index_t AcousticEngine<T>::padded_size() const {
    return grid_size(medium_);
}

template <class T>
index_t AcousticEngine<T>::model_size() const {
    const std::array<index_t, 3>& n = medium_.model_extents();
    return n[0] * n[1] * n[2];
}

template <class T>
PointGrid AcousticEngine<T>::point_grid() const {
    return {problem().dimension, padded_extents(), problem().free_surface};
}

template <class T>
std::size_t AcousticEngine<T>::increment_bytes() const {
    return static_cast<std::size_t>(medium_.layout().frame_size) * sizeof(T);
}

template <class T>
std::size_t AcousticEngine<T>::state_bytes() const {
    index_t size = 2 * medium_.layout().field_size;
    for (const Slab<T>& slab : medium_.slabs()) size += 2 * slab.memory;
    return static_cast<std::size_t>(size) * sizeof(T);
}

template <class T>
HistoryPlan AcousticEngine<T>::plan(index_t steps, index_t comb,
                                    const HistoryBudget& budget) const {
    refuse_comb(comb);
    return plan_history(steps, comb, increment_bytes(), state_bytes(), budget);
}

template <class T>
void AcousticEngine<T>::prepare(Workspace<T>& workspace, index_t steps) const {
    if (steps < 1) {
        throw ArgumentError{"a propagation over " + std::to_string(steps) + " steps",
                            {.expected = "at least one"}};
    }
    workspace.schedule_.prepare(medium_, team_size(grid_size(medium_)));
    workspace.field_.reset(medium_);
}

template <class T>
void AcousticEngine<T>::guard(const Workspace<T>& workspace, const Inlet<T>& inlet,
                              const Field<T>& field, index_t n, index_t steps) const {
    if ((n + 1) % guard_interval == 0 || n == steps - 1) check(workspace, inlet, field, n, steps);
}

template <class T>
void AcousticEngine<T>::check(const Workspace<T>& workspace, const Inlet<T>& inlet,
                              const Field<T>& field, index_t n, index_t steps) const {
    if (is_finite(medium_, workspace.schedule_, field)) return;
    const bool is_input_sound = inlet.is_finite(medium_);
    throw StabilityError{
        "a propagation over " + std::to_string(steps) + " steps",
        {.expected = "a finite wavefield",
         .found = "NaN or infinity at step " + std::to_string(n) + " or up to " +
                  std::to_string(guard_interval) + " steps before, by now " +
                  place_not_finite(medium_, field),
         .remedy = is_input_sound ? "a shorter time step: the limit of this medium is " +
                                        number_words(stable_dt()) +
                                        " s, and input small enough not to overflow"
                                  : "input without NaN or infinity"}};
}

template <class T>
void AcousticEngine<T>::forward(Workspace<T>& workspace, const Input<T>& sources,
                                const Output<T>& receivers, index_t steps) const {
    prepare(workspace, steps);
    const int threads = workspace.schedule_.threads();
    workspace.inlet_.prepare(medium_, sources, steps, source_scale(), threads);
    workspace.outlet_.prepare(medium_, receivers, steps, 1, threads);
    Field<T>& u = workspace.field_;
    for (index_t n = 0; n < steps; ++n) {
        workspace.outlet_.read(medium_, n, u.current());
        guard(workspace, workspace.inlet_, u, n, steps);
        if (n + 1 == steps) return;
        advance(medium_, workspace.schedule_, u, {});
        workspace.inlet_.apply(medium_, n, u.current(), nullptr);
    }
}

/// g[n] = c ubar[n] is the scaled multiplier of the equation that makes u[n]; s[n] enters the one
/// of u[n+1].
template <class T>
void AcousticEngine<T>::adjoint(Workspace<T>& workspace, const Input<T>& receivers,
                                const Output<T>& sources, index_t steps) const {
    prepare(workspace, steps);
    const int threads = workspace.schedule_.threads();
    workspace.inlet_.prepare(medium_, receivers, steps, 1, threads);
    workspace.outlet_.prepare(medium_, sources, steps, source_scale(), threads);
    Field<T>& g = workspace.field_;
    workspace.outlet_.read_zeros(medium_, steps - 1);
    for (index_t n = steps - 1; n >= 1; --n) {
        if (n < steps - 1) advance(medium_, workspace.schedule_, g, Step<T>{.is_transposed = true});
        workspace.inlet_.apply(medium_, n, g.current(), nullptr);
        workspace.outlet_.read(medium_, n - 1, g.current());
        guard(workspace, workspace.inlet_, g, steps - n, steps);
    }
}

template <class T>
void AcousticEngine<T>::born(Workspace<T>& workspace, const Input<T>& sources, const T* dm,
                             const Output<T>& receivers, index_t steps, index_t comb) const {
    refuse_comb(comb);
    prepare(workspace, steps);
    const int threads = workspace.schedule_.threads();
    workspace.inlet_.prepare(medium_, sources, steps, source_scale(), threads);
    workspace.outlet_.prepare(medium_, receivers, steps, 1, threads);
    workspace.second_.reset(medium_);
    workspace.frame_.resize(medium_.layout().frame_size);
    workspace.scale_.resize(medium_.layout().frame_size);
    set_born_scale(dm, comb, workspace.scale_.data());
    Field<T>& u = workspace.field_;
    Field<T>& du = workspace.second_;
    for (index_t n = 0; n < steps; ++n) {
        workspace.outlet_.read(medium_, n, du.current());
        guard(workspace, workspace.inlet_, u, n, steps);
        guard(workspace, workspace.inlet_, du, n, steps);
        if (n + 1 == steps) return;
        Step<T> background;
        Step<T> scattered;
        if (on_comb(n, comb)) {
            background.mode = StepMode::keep;
            background.kept = workspace.frame_.data();
            scattered.mode = StepMode::born;
            scattered.d = workspace.frame_.data();
            scattered.scale = workspace.scale_.data();
        }
        advance(medium_, workspace.schedule_, u, background);
        workspace.inlet_.apply(medium_, n, u.current(), background.kept);
        advance(medium_, workspace.schedule_, du, scattered);
    }
}

// ---- the adjoint of Born modelling --------------------------------------------------------------

/// The background forwards in stretches of so many increments, and the adjoint field backwards against
/// them. A stretch that is computed again takes the very steps that it took before.
template <class T>
class AcousticEngine<T>::Reversal {
 public:
    Reversal(const AcousticEngine& engine, Workspace<T>& workspace, index_t steps,
             const HistoryPlan& plan, const std::string& folder)
        : engine_{engine}, work_{workspace}, steps_{steps}, plan_{plan} {
        const index_t frame = engine.medium_.layout().frame_size;
        work_.increments_.resize(plan.together * frame);
        work_.states_.prepare(plan.states, engine.state_bytes(), folder);
    }

    void run() { reverse(0, plan_.stretches(), 0); }

 private:
    /// All parts of a kept state by `move`, StateStore's write or read.
    template <class Move> void move_state(index_t state, const Move& move) {
        std::size_t at = 0;
        work_.field_.for_each_part([&](T* values, index_t count) {
            const std::size_t bytes = static_cast<std::size_t>(count) * sizeof(T);
            std::invoke(move, work_.states_, state, at, values, bytes);
            at += bytes;
        });
    }
    T* increment(index_t n) {
        // The first stretch lies at the end of the room.
        const index_t missing = plan_.stretches() * plan_.together - plan_.increments;
        return work_.increments_.data() +
               (n / plan_.every + missing) % plan_.together * engine_.medium_.layout().frame_size;
    }
    /// The step that stretch i begins with.
    index_t first(index_t i) const { return std::min(plan_.begin(i) * plan_.every, steps_ - 1); }

    /// Stretches begin to end, backwards; the background stands at the first of them, whose state is
    /// the last of `kept` ones, or zero.
    void reverse(index_t begin, index_t end, index_t kept) {
        while (end - begin > 1) {
            const index_t far = begin + next_state(end - begin, plan_.states + 1 - kept);
            go(first(begin), first(far));
            const bool keeps = end - far > 1;
            if (keeps) move_state(kept, &StateStore::write);
            reverse(far, end, keeps ? kept + 1 : kept);
            if (kept == 0) work_.field_.reset(engine_.medium_);
            else move_state(kept - 1, &StateStore::read);
            end = far;
        }
        if (end < plan_.stretches()) {
            go(first(begin), first(end));
        } else {
            const index_t last =
                std::min(std::max<index_t>(plan_.increments - 1, 0) * plan_.every + 1, steps_ - 1);
            go(first(begin), last);
            engine_.check(work_, work_.inlet_, work_.field_, last, steps_);
        }
        go_back(end);
    }

    void go(index_t from, index_t to) {
        Field<T>& u = work_.field_;
        for (index_t n = from; n < to; ++n) {
            Step<T> step;
            if (on_comb(n, plan_.every)) {
                step.mode = StepMode::keep;
                step.kept = increment(n);
            }
            advance(engine_.medium_, work_.schedule_, u, step);
            work_.inlet_.apply(engine_.medium_, n, u.current(), step.kept);
            engine_.guard(work_, work_.inlet_, u, n + 1, steps_);
        }
    }

    /// The multiplier of du[n+1] is g[n+1] / c, so that dm receives -sum w[n] / m d[n] g[n+1] / c =
    /// -sum w[n] / dt^2 d[n] g[n+1]. The step from g[n+1] to g[n] reads both.
    void go_back(index_t end) {
        Field<T>& g = work_.second_;
        const index_t last = end < plan_.stretches() ? first(end) - 1 : steps_ - 1;
        for (index_t n = last; n >= first(end - 1); --n) {
            Step<T> step{.is_transposed = true};
            if (on_comb(n, plan_.every)) {
                step.mode = StepMode::image;
                step.d = increment(n);
                step.image = work_.frame_.data();
            }
            if (n < steps_ - 1) advance(engine_.medium_, work_.schedule_, g, step);
            work_.second_inlet_.apply(engine_.medium_, n, g.current(), nullptr);
            engine_.guard(work_, work_.second_inlet_, g, steps_ - n, steps_);
        }
    }

    const AcousticEngine& engine_;
    Workspace<T>& work_;
    index_t steps_;
    const HistoryPlan& plan_;
};

template <class T>
void AcousticEngine<T>::born_adjoint(Workspace<T>& workspace, const Input<T>& sources,
                                     const Input<T>& receivers, T* image, index_t steps,
                                     const HistoryPlan& plan, const std::string& folder) const {
    assert(plan.increments == this->plan(steps, plan.every).increments);
    prepare(workspace, steps);
    workspace.second_.reset(medium_);
    const int threads = workspace.schedule_.threads();
    workspace.inlet_.prepare(medium_, sources, steps, source_scale(), threads);
    workspace.second_inlet_.prepare(medium_, receivers, steps, 1, threads);
    workspace.frame_.resize(medium_.layout().frame_size);
    workspace.frame_.clear();
    Reversal{*this, workspace, steps, plan, plan.on_disk ? folder : std::string{}}.run();
    fold_image(workspace.frame_.data(),
               -static_cast<double>(plan.every) / (problem().dt * problem().dt), image);
}

/// comb dm / m in every point of the grid, dm repeated in the layers.
template <class T>
void AcousticEngine<T>::set_born_scale(const T* dm, index_t comb, T* scale) const {
    const Layout& l = medium_.layout();
    const std::array<index_t, 3>& model = medium_.model_extents();
    const double factor = static_cast<double>(comb) / (problem().dt * problem().dt);
#pragma omp parallel for schedule(static)
    for (index_t x = 0; x < l.nx; ++x) {
        for (index_t y = 0; y < l.ny; ++y) {
            const T* from =
                dm + (medium_.model_index(0, x) * model[1] + medium_.model_index(1, y)) * model[2];
            const index_t row = l.frame(x, y, 0);
            for (index_t z = 0; z < l.row; ++z) {
                const double c = medium_.c()[row + z];
                scale[row + z] = static_cast<T>(factor * c * from[medium_.model_index(2, z)]);
            }
        }
    }
}

/// Transpose of repeating the model in the layers: every point of the model collects its copies.
template <class T>
void AcousticEngine<T>::fold_image(const T* raw, double scale, T* image) const {
    const Layout& l = medium_.layout();
    const std::array<index_t, 3>& model = medium_.model_extents();
    const std::array<index_t, 3> extents{l.nx, l.ny, l.nz};
    const auto copies = [&](int axis, index_t i) {
        const index_t at = i + medium_.before()[axis];
        return std::array<index_t, 2>{i == 0 ? 0 : at,
                                      i == model[axis] - 1 ? extents[axis] : at + 1};
    };
#pragma omp parallel for schedule(static)
    for (index_t i = 0; i < model[0] * model[1]; ++i) {
        const auto [x0, x1] = copies(0, i / model[1]);
        const auto [y0, y1] = copies(1, i % model[1]);
        for (index_t k = 0; k < model[2]; ++k) {
            const auto [z0, z1] = copies(2, k);
            double sum = 0;
            for (index_t x = x0; x < x1; ++x) {
                for (index_t y = y0; y < y1; ++y)
                    for (index_t z = z0; z < z1; ++z) sum += raw[l.frame(x, y, z)];
            }
            image[i * model[2] + k] += static_cast<T>(scale * sum);
        }
    }
}

template class Inlet<float>;
template class Inlet<double>;
template class Outlet<float>;
template class Outlet<double>;
template class Workspace<float>;
template class Workspace<double>;
template class AcousticEngine<float>;
template class AcousticEngine<double>;

}  // namespace lop::wave
