/// Objects that wait to be used again, so that work which repeats allocates nothing.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace lop {

/// What was made before and is free now. Safe to share between threads.
template <class V> class ScratchPool {
 public:
    /// A free object with whatever content it was left with, or null.
    std::unique_ptr<V> take() {
        const std::scoped_lock lock{mutex_};
        if (free_.empty()) return nullptr;
        auto object = std::move(free_.back());
        free_.pop_back();
        return object;
    }
    void give_back(std::unique_ptr<V> object) {
        const std::scoped_lock lock{mutex_};
        free_.push_back(std::move(object));
    }

 private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<V>> free_;
};

/// An object with undefined content, from its pool or made by `make()` where none is free; returned
/// at the end of the scope.
template <class V> class Scratch {
 public:
    template <class Make>
    Scratch(std::shared_ptr<ScratchPool<V>> pool, const Make& make)
        : pool_{std::move(pool)}, object_{pool_->take()} {
        if (!object_) object_ = std::make_unique<V>(make());
    }
    ~Scratch() {
        if (object_) pool_->give_back(std::move(object_));
    }
    Scratch(Scratch&&) noexcept = default;
    Scratch& operator=(Scratch&&) = delete;

    V& operator*() { return *object_; }
    V* operator->() { return object_.get(); }

 private:
    std::shared_ptr<ScratchPool<V>> pool_;
    std::unique_ptr<V> object_;
};

}  // namespace lop
