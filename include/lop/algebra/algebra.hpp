/// The algebra: spaces, vector expressions, operators and their expressions.
#pragma once

#include <lop/algebra/any_operator.hpp>
#include <lop/algebra/blocks.hpp>
#include <lop/algebra/expression.hpp>
#include <lop/algebra/nodes.hpp>
#include <lop/algebra/operator.hpp>
#include <lop/algebra/space.hpp>
#include <lop/algebra/stacked.hpp>
