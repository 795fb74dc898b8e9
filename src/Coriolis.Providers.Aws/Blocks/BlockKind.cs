namespace Coriolis.Providers.Aws.Blocks;

/// <summary>What a list says about a block.</summary>
internal enum BlockKind
{
    /// <summary>Equal to the baseline.</summary>
    Unchanged = 0,

    /// <summary>Reads as zeros.</summary>
    Zero,

    /// <summary>Has a token and must be read.</summary>
    Data,
}
