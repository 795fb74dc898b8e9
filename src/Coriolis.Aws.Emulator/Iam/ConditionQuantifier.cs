namespace Coriolis.Aws.Emulator.Iam;

/// <summary>How a condition treats a key that has several values.</summary>
internal enum ConditionQuantifier
{
    /// <summary>The key is expected to have one value.</summary>
    None,

    /// <summary>Every value of the request must satisfy the condition.</summary>
    ForAllValues,

    /// <summary>One value of the request must satisfy it.</summary>
    ForAnyValue,
}
