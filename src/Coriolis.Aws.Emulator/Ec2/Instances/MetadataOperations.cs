using System.Text.RegularExpressions;
using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.Http;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Instances;

/// <summary>The options of instances' metadata services: those of a launch, and ModifyInstanceMetadataOptions.</summary>
internal static partial class MetadataOperations
{
    private const int MaxHopLimit = 64;

    /// <summary>The options that a launch asks for. An image that says so makes version 2 the default (EC2 user guide, "Configure the AMI").</summary>
    public static MetadataOptions ReadLaunch(Ec2Call call, ImageRecord image) => Read(
        call.Parameters.Structure("MetadataOptions"),
        image.ImdsSupport == "v2.0" ? new MetadataOptions { HttpTokens = "required", HopLimit = 2 } : new MetadataOptions());

    public static void Modify(Ec2Call call)
    {
        var instance = ResourceKind.Instance.Find(call.State.Instances, call.Parameters.Required("InstanceId"));
        if (instance.State is InstanceStates.ShuttingDown or InstanceStates.Terminated)
        {
            throw Ec2Errors.Create(
                "IncorrectInstanceState",
                $"The instance '{instance.Id}' is not in a state from which its metadata options can be modified. Its state is '{instance.State}'.");
        }

        var options = Read(call.Parameters, instance.Metadata);
        CheckTags(options, instance.Tags);
        call.State.Instances[instance.Id] = instance with { Metadata = options };
        call.Response.Add("instanceId", instance.Id);
        Write(call.Response, "instanceMetadataOptions", options, "pending");
    }

    /// <summary>Refuses tags that cannot be a part of a path, where the tags of the instance are to be served.</summary>
    public static void CheckTags(MetadataOptions options, IReadOnlyDictionary<string, string> tags)
    {
        if (options.InstanceTags != "enabled") return;
        foreach (var key in tags.Keys)
        {
            if (!PathPart().IsMatch(key) || key is "." or ".." or "_index")
            {
                throw Ec2Errors.InvalidValue(
                    $"'{key}' is not a valid tag key. Tag keys must match pattern ([0-9a-zA-Z\\-_+=,.@:]{{1,255}}), and must not be a reserved name ('.', '..', '_index')");
            }
        }
    }

    public static void Write(Ec2Xml xml, string name, MetadataOptions options, string state) => xml.Add(name, () =>
    {
        xml.Add("state", state);
        xml.Add("httpTokens", options.HttpTokens);
        xml.Add("httpPutResponseHopLimit", options.HopLimit);
        xml.Add("httpEndpoint", options.HttpEndpoint);
        xml.Add("httpProtocolIpv6", options.HttpProtocolIpv6);
        xml.Add("instanceMetadataTags", options.InstanceTags);
    });

    private static MetadataOptions Read(QueryParameters parameters, MetadataOptions before)
    {
        var options = new MetadataOptions
        {
            HttpEndpoint = Choice(parameters, "HttpEndpoint", before.HttpEndpoint, "enabled", "disabled"),
            HttpTokens = Choice(parameters, "HttpTokens", before.HttpTokens, "optional", "required"),
            HopLimit = parameters.Integer("HttpPutResponseHopLimit") ?? before.HopLimit,
            HttpProtocolIpv6 = Choice(parameters, "HttpProtocolIpv6", before.HttpProtocolIpv6, "enabled", "disabled"),
            InstanceTags = Choice(parameters, "InstanceMetadataTags", before.InstanceTags, "enabled", "disabled"),
        };
        if (options.HopLimit is < 1 or > MaxHopLimit)
        {
            throw Ec2Errors.InvalidValue($"Invalid value '{options.HopLimit}' for HttpPutResponseHopLimit. It must be from 1 to {MaxHopLimit}.");
        }

        return options;
    }

    private static string Choice(QueryParameters parameters, string name, string fallback, params ReadOnlySpan<string> allowed)
    {
        var value = parameters.Text(name) ?? fallback;
        return allowed.Contains(value) ? value : throw Ec2Errors.InvalidValue($"Invalid value '{value}' for {name}.");
    }

    [GeneratedRegex("^[0-9a-zA-Z_+=,.@:-]{1,255}$")]
    private static partial Regex PathPart();
}
