-- The Wilson interval of 95 % of a share: {low, high}; null without cases.
-- Source: E. B. Wilson, Probable Inference, the Law of Succession, and Statistical Inference (1927).
create or replace macro wilson_bound(successes, cases, z) as (
    successes / cases + z * z / (2 * cases)
    + z * sqrt(successes / cases * (1 - successes / cases) / cases + z * z / (4 * cases * cases))
) / (1 + z * z / cases);

create or replace macro wilson_interval(successes, cases) as (
    case
        when cases > 0 then {
            'low': greatest(wilson_bound(successes, cases, -1.959963984540054), 0),
            'high': least(wilson_bound(successes, cases, 1.959963984540054), 1)
        }
    end
);
