using System.Reflection;
using System.Runtime.CompilerServices;

namespace Coriolis.Architecture.Tests;

/// <summary>Rules that every type of the product keeps.</summary>
public sealed class TypeTests
{
    [Test]
    public void Classes_Everywhere_AreSealedStaticOrAbstract()
    {
        var open = Product.All.SelectMany(Product.OwnTypes).Where(type => type is { IsClass: true, IsSealed: false, IsAbstract: false });

        Assert.That(open, Is.Empty);
    }

    [Test]
    public void PublicProperties_OfRecords_HaveNoSetter()
    {
        var mutable = Product.Packages.SelectMany(assembly => assembly.GetExportedTypes())
            .Where(type => type.GetMethod("<Clone>$") is not null)
            .SelectMany(type => type.GetProperties())
            .Where(property => property.SetMethod is { IsPublic: true } setter
                && !setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)))
            .Select(property => $"{property.DeclaringType}.{property.Name}");

        Assert.That(mutable, Is.Empty);
    }

    [Test]
    public void PublicAsyncMethods_Everywhere_TakeATokenLast()
    {
        string[] withoutTokenByContract = ["ReleaseAsync", "DisposeAsync"];
        var offenders = Product.Packages.SelectMany(assembly => assembly.GetExportedTypes())
            .Where(type => !type.IsSubclassOf(typeof(MulticastDelegate)))
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(method => method.Name.EndsWith("Async", StringComparison.Ordinal) && !withoutTokenByContract.Contains(method.Name))
            .Where(method => method.GetParameters() is not [.., { HasDefaultValue: true } last] || last.ParameterType != typeof(CancellationToken))
            .Select(method => $"{method.DeclaringType}.{method.Name}");

        Assert.That(offenders, Is.Empty);
    }

    [Test]
    public void PublicMembers_Everywhere_ExposeNoListArrayOrDictionaryType()
    {
        var offenders = Product.Packages.SelectMany(assembly => assembly.GetExportedTypes())
            .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(property => property.PropertyType.IsArray || (property.PropertyType.IsGenericType
                && (property.PropertyType.GetGenericTypeDefinition() == typeof(List<>)
                    || property.PropertyType.GetGenericTypeDefinition() == typeof(Dictionary<,>)) && property.SetMethod is not null))
            .Select(property => $"{property.DeclaringType}.{property.Name}");

        Assert.That(offenders, Is.Empty);
    }

    [Test]
    public void AsyncVoid_Everywhere_IsAbsent()
    {
        var offenders = Product.All.SelectMany(Product.OwnTypes)
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(method => method.ReturnType == typeof(void) && method.IsDefined(typeof(AsyncStateMachineAttribute)))
            .Select(method => $"{method.DeclaringType}.{method.Name}");

        Assert.That(offenders, Is.Empty);
    }
}
