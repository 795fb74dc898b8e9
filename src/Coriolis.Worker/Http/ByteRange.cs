using System.Globalization;
using Coriolis.Worker.Protocol;

namespace Coriolis.Worker;

/// <summary>What a Range header asks for. RFC 9110, section 14.</summary>
internal static class ByteRange
{
    private const string Unit = "bytes=";

    /// <summary>
    /// Finds the range; <see langword="null"/> for the whole, when there is no header or its unit is unknown. A range that is malformed or
    /// several ranges at once are refused like one that cannot be satisfied: a whole disk in place of a piece of it would end up in the
    /// middle of the target.
    /// </summary>
    public static WorkerRange? Parse(string? header, long size)
    {
        if (header is null || !header.Contains('=', StringComparison.Ordinal) || !header.StartsWith(Unit, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var bounds = header[Unit.Length..].Split('-');
        if (bounds.Length != 2 || !TryParse(bounds[0], out var first) || !TryParse(bounds[1], out var last))
        {
            throw Unsatisfiable($"The range {header} is not understood.", size);
        }

        if (first is null)
        {
            first = last is > 0 ? Math.Max(0, size - last.Value) : size;
            last = size - 1;
        }

        if (first >= size || (last ?? long.MaxValue) < first)
        {
            throw Unsatisfiable($"The range {header} is not in the {size} bytes of the device.", size);
        }

        var end = Math.Min(last ?? long.MaxValue, size - 1) + 1;
        return new WorkerRange(first.Value, end - first.Value);
    }

    private static HttpFaultException Unsatisfiable(string message, long size) =>
        new(416, message) { Headers = [$"Content-Range: bytes */{size}"] };

    private static bool TryParse(string text, out long? value)
    {
        value = null;
        if (text.Trim() is not { Length: > 0 } digits)
        {
            return true;
        }

        var isNumber = long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        value = number;
        return isNumber;
    }
}
