using Coriolis.Aws.Emulator.Http;

namespace Coriolis.Aws.Emulator.Ec2.Protocol;

/// <summary>A kind of resource: the form of its ids and the errors about them.</summary>
/// <param name="TagName">The resource type in tag specifications and DescribeTags.</param>
/// <param name="Prefix">What ids begin with, before the dash.</param>
/// <param name="NotFoundCode">The error code for an id that does not exist.</param>
/// <param name="MalformedCode">The error code for an id of another form.</param>
/// <param name="Noun">What the messages call it.</param>
internal sealed record ResourceKind(string TagName, string Prefix, string NotFoundCode, string MalformedCode, string Noun)
{
    // The number of digits that ids had before 2016; such ids still exist.
    private const int ShortIdDigits = 8;

    private const int IdDigits = 17;

    public static readonly ResourceKind Instance = new("instance", "i", "InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed", "instance ID");
    public static readonly ResourceKind Volume = new("volume", "vol", "InvalidVolume.NotFound", "InvalidVolumeID.Malformed", "volume");
    public static readonly ResourceKind Snapshot = new("snapshot", "snap", "InvalidSnapshot.NotFound", "InvalidSnapshotID.Malformed", "snapshot");
    public static readonly ResourceKind Image = new("image", "ami", "InvalidAMIID.NotFound", "InvalidAMIID.Malformed", "image id");
    public static readonly ResourceKind KeyPair = new("key-pair", "key", "InvalidKeyPair.NotFound", "InvalidKeyPair.Malformed", "key pair");
    public static readonly ResourceKind SecurityGroup = new("security-group", "sg", "InvalidGroup.NotFound", "InvalidGroupId.Malformed", "security group");

    public static readonly ResourceKind SecurityGroupRule =
        new("security-group-rule", "sgr", "InvalidSecurityGroupRuleId.NotFound", "InvalidSecurityGroupRuleId.Malformed", "security group rule ID");

    public static readonly ResourceKind NetworkInterface =
        new("network-interface", "eni", "InvalidNetworkInterfaceID.NotFound", "InvalidNetworkInterfaceId.Malformed", "networkInterface ID");

    public static readonly ResourceKind Subnet = new("subnet", "subnet", "InvalidSubnetID.NotFound", "InvalidSubnetId.Malformed", "subnet ID");
    public static readonly ResourceKind Vpc = new("vpc", "vpc", "InvalidVpcID.NotFound", "InvalidVpcId.Malformed", "vpc ID");

    public AwsErrorException NotFound(string id) =>
        // The two oldest kinds end their sentence with a full stop.
        new(NotFoundCode, 400, $"The {Noun} '{id}' does not exist{(this == Volume || this == Snapshot ? "." : "")}");

    public void CheckForm(string id)
    {
        var digits = id.StartsWith(Prefix + "-", StringComparison.Ordinal) ? id[(Prefix.Length + 1)..] : "";
        if (digits.Length is not (ShortIdDigits or IdDigits) || !digits.All(char.IsAsciiHexDigitLower))
        {
            throw new AwsErrorException(MalformedCode, 400, $"Invalid id: \"{id}\"");
        }
    }

    /// <summary>Looks one up; an id of the wrong form and one that does not exist are different errors.</summary>
    public T Find<T>(IReadOnlyDictionary<string, T> table, string id)
    {
        CheckForm(id);
        return table.TryGetValue(id, out var found) ? found : throw NotFound(id);
    }

    /// <summary>Looks up those that are named, or returns all when none is.</summary>
    public IEnumerable<T> FindAllOrEvery<T>(IReadOnlyDictionary<string, T> table, IReadOnlyList<string> ids) =>
        ids.Count > 0 ? FindAll(table, ids) : table.Values;

    /// <summary>Looks several up; the error names all that do not exist.</summary>
    public IReadOnlyList<T> FindAll<T>(IReadOnlyDictionary<string, T> table, IReadOnlyList<string> ids)
    {
        foreach (var id in ids)
        {
            CheckForm(id);
        }

        var missing = ids.Where(id => !table.ContainsKey(id)).Distinct().ToList();
        if (missing.Count > 1 && this == Instance)
        {
            throw new AwsErrorException(NotFoundCode, 400, $"The instance IDs '{string.Join(", ", missing)}' do not exist");
        }

        return missing.Count > 0 ? throw NotFound(missing[0]) : [.. ids.Distinct().Select(id => table[id])];
    }
}
