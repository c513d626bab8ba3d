/// The algebra: spaces, vector expressions, operators and their expressions, nonlinear maps.
#pragma once

#include <lop/algebra/any_operator.hpp>
#include <lop/algebra/blocks.hpp>
#include <lop/algebra/conjugate.hpp>
#include <lop/algebra/describe.hpp>
#include <lop/algebra/diagonal.hpp>
#include <lop/algebra/expression.hpp>
#include <lop/algebra/kronecker.hpp>
#include <lop/algebra/lists.hpp>
#include <lop/algebra/many.hpp>
#include <lop/algebra/misfit.hpp>
#include <lop/algebra/nodes.hpp>
#include <lop/algebra/nonlinear.hpp>
#include <lop/algebra/normal.hpp>
#include <lop/algebra/operator.hpp>
#include <lop/algebra/power.hpp>
#include <lop/algebra/refused.hpp>
#include <lop/algebra/rows.hpp>
#include <lop/algebra/space.hpp>
#include <lop/algebra/stacked.hpp>
