using Coriolis.Aws.Emulator.Ec2.Protocol;
using Coriolis.Aws.Emulator.Ec2.Tags;
using Coriolis.Aws.Emulator.Iam;
using Coriolis.Aws.Emulator.State;

namespace Coriolis.Aws.Emulator.Ec2.Authorization;

/// <summary>Collects what one EC2 call must be allowed to do.</summary>
internal sealed class AccessRequests(Ec2Call call, ContextKeys globalKeys)
{
    private readonly List<AccessRequest> _requests = [];

    public IReadOnlyList<AccessRequest> All => _requests;

    public Ec2Call Call => call;

    private string Action => $"ec2:{call.Operation}";

    /// <summary>The action itself, for operations that do not distinguish resources.</summary>
    public AccessRequests Anything()
    {
        _requests.Add(new AccessRequest(Action, "*", globalKeys));
        return this;
    }

    /// <summary>The resources that a parameter, or a list of them, names.</summary>
    public AccessRequests Named(ResourceKind kind, string parameter, Action<ContextKeys>? more = null)
    {
        IEnumerable<string> ids = call.Parameters.Text(parameter) is { Length: > 0 } id ? [id] : call.Parameters.List(parameter);
        foreach (var named in ids)
        {
            Existing(kind, named, more);
        }

        return this;
    }

    /// <summary>A resource that should exist.</summary>
    public AccessRequests Existing(ResourceKind kind, string id, Action<ContextKeys>? more = null, Region? otherRegion = null)
    {
        var region = otherRegion ?? call.Region;
        var resource = TagTables.All(region.State).First(table => table.Kind == kind).Find(id);
        var keys = new ContextKeys(globalKeys);
        more?.Invoke(keys);
        if (resource is not null) ResourceKeys.AddTo(keys, region, resource);
        var name = resource is KeyPairRecord pair ? pair.Name : id;
        _requests.Add(new AccessRequest(Action, ResourceArn.Of(region, kind, name), keys) { ResourceUnknown = resource is null });
        return this;
    }

    /// <summary>A resource that the call makes, with the tags that the request gives to its kind.</summary>
    public AccessRequests Created(ResourceKind kind, Action<ContextKeys>? more = null, string name = ResourceArn.New)
    {
        var tags = TagSpecifications.ReadFor(call.Parameters, kind);
        var arn = ResourceArn.Of(call.Region, kind, name);
        var keys = new ContextKeys(globalKeys).AddRequestTags(tags);
        more?.Invoke(keys);
        _requests.Add(new AccessRequest(Action, arn, keys));
        if (tags.Count == 0 || _requests.Exists(request => request.Action == "ec2:CreateTags" && request.Resource == arn)) return this;
        // Tagging what one makes is a permission of its own, which policies limit by this key.
        var tagKeys = new ContextKeys(globalKeys).AddRequestTags(tags).Add("ec2:CreateAction", call.Operation);
        _requests.Add(new AccessRequest("ec2:CreateTags", arn, tagKeys));
        return this;
    }
}
