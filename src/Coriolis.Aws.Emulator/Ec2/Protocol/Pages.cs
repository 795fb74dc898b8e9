using System.Globalization;
using System.Text;
using Coriolis.Aws.Emulator.Http;

namespace Coriolis.Aws.Emulator.Ec2.Protocol;

/// <summary>Cuts listings into pages. A page continues after the last item of the one before, so nothing that stays is skipped or repeated.</summary>
internal static class Pages
{
    /// <summary>Orders the items, returns the requested page, and writes <c>nextToken</c> when more follow.</summary>
    public static IReadOnlyList<T> Take<T>(Ec2Call call, IEnumerable<T> items, Func<T, string> position, int min = 5, int max = 1000)
    {
        var ordered = items.Select(item => (Item: item, Position: position(item))).OrderBy(static entry => entry.Position, StringComparer.Ordinal);
        var size = call.Parameters.Integer("MaxResults");
        if (size < min) throw OutOfRange(size.Value, $"greater than {min}");
        if (size > max) throw OutOfRange(size.Value, $"less than or equal to {max}");
        var after = call.Parameters.Text("NextToken") is { Length: > 0 } token ? Decode(call.Operation, token) : null;
        var rest = ordered.Where(entry => after is null || string.CompareOrdinal(entry.Position, after) > 0).ToList();
        if (size is null || rest.Count <= size) return [.. rest.Select(static entry => entry.Item)];
        var page = rest.Take(size.Value).ToList();
        call.Response.Add("nextToken", Encode(call.Operation, page[^1].Position));
        return [.. page.Select(static entry => entry.Item)];
    }

    /// <summary>The position of a resource in the order of creation.</summary>
    public static string Sequence(long sequence) => sequence.ToString("D19", CultureInfo.InvariantCulture);

    public static void RefuseWithIds(Ec2Call call, string idsParameter, string setName)
    {
        if (call.Parameters.Has(idsParameter) && call.Parameters.Has("MaxResults"))
        {
            throw Ec2Errors.InvalidCombination($"The parameter {setName} cannot be used with the parameter maxResults");
        }
    }

    private static AwsErrorException OutOfRange(int value, string bound) =>
        Ec2Errors.InvalidValue($"Value ( {value} ) for parameter maxResults is invalid. Expecting a value {bound}.");

    private static string Encode(string operation, string position) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"{operation}|{position}"));

    private static string Decode(string operation, string token)
    {
        Span<byte> bytes = stackalloc byte[512];
        if (token.Length <= 512 && Convert.TryFromBase64String(token, bytes, out var length)
            && Encoding.UTF8.GetString(bytes[..length]).Split('|', 2) is [var name, var position] && name == operation)
        {
            return position;
        }

        throw new AwsErrorException("InvalidNextToken", 400, "The token used for pagination is invalid or expired.");
    }
}
